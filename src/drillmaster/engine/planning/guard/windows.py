"""The drill lies inside an allowed window of everyone who may be paged."""

from drillmaster.definitions.units import format_duration
from drillmaster.engine.planning.guard.rule import Files, Live, Verdict, holds, refused
from drillmaster.engine.planning.hours import Hours
from drillmaster.engine.planning.limits import duration_limit
from drillmaster.engine.planning.people import paged_people


def windows(files: Files) -> Verdict:
    """The whole drill, from now for as long as it may last, lies inside."""
    environment, now = files.environment, files.clock.now()
    if not environment.windows:
        return holds("the environment has no windows")
    paged = paged_people(files.drill, environment)
    lasts = duration_limit(files.drill, environment)
    whose: dict[str | None, str] = {environment.people[who].time_zone: who for who in paged[::-1]}
    for zone, who in (whose or {None: ""}).items():
        hours = Hours(environment.windows, zone)
        if not hours.allow(now, lasts):
            owner = f"the windows of {who}" if who else "the windows of the environment"
            return refused(f"outside {owner}: {hours.explain(now, lasts)}")
    return holds(f"inside the windows for {format_duration(lasts)}")


def still_in_windows(live: Live) -> Verdict:
    """It still does: bringing the target up took its time."""
    return windows(live)
