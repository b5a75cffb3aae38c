"""What Chaos Toolkit played, as the timeline keeps it."""

from collections.abc import Iterable

from drillmaster.faults.base import Activity
from drillmaster.timeline.events import PlayedActivity


def played_activities(activities: Iterable[Activity]) -> list[PlayedActivity]:
    """The activities for an `ActivitiesPlayed` event."""
    return [
        PlayedActivity(name=one.name, status=one.status, took=round(max(0.0, one.took), 6))
        for one in activities
    ]
