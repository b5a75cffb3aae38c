"""The drill lies inside an allowed window of everyone who may be paged."""

from drillmaster.definitions.units import format_duration
from drillmaster.engine.planning.guard.rule import Files, Live, Verdict, holds, refused
from drillmaster.engine.planning.limits import duration_limit
from drillmaster.engine.planning.openings import Openings


def windows(files: Files) -> Verdict:
    """The whole drill, from now for as long as it may last, lies inside."""
    environment, now = files.environment, files.clock.now()
    if not environment.windows:
        return holds("the environment has no windows")
    lasts = duration_limit(files.drill, environment)
    openings = Openings(files.drill, environment)
    if not openings.allow(now, lasts):
        return refused(openings.explain(now, lasts))
    return holds(f"inside the windows for {format_duration(lasts)}")


def still_in_windows(live: Live) -> Verdict:
    """It still does: bringing the target up took its time."""
    return windows(live)
