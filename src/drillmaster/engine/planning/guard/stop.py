"""No stop is in force: neither in the store nor, as a mark, at the target."""

from drillmaster.engine.books import stops
from drillmaster.engine.planning.guard.rule import Files, Live, Verdict, holds, refused


def no_stop(files: Files) -> Verdict:
    """Nobody has stopped the environment, or everything, with `drillmaster stop`."""
    with files.store.read() as connection:
        stop = stops.stopping(connection, files.environment.name)
    return holds("no stop is in force") if stop is None else refused(str(stop))


def no_stop_mark(live: Live) -> Verdict:
    """Nobody has stopped drills at the target itself, nor in the store meanwhile."""
    mark = live.target.stopped()
    if mark is not None:
        return refused(f"the target bears a stop mark: {mark}")
    return no_stop(live)
