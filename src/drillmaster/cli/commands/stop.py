"""`drillmaster stop` and `drillmaster resume`: halt every drill, and unblock."""

from contextlib import closing

from rich.console import Console
from rich.text import Text

from drillmaster.clock import SteadyClock
from drillmaster.engine.books import stops
from drillmaster.engine.books.stops import EVERYWHERE
from drillmaster.engine.settling.stopping import begin, named, see_settled
from drillmaster.errors import ExitCode
from drillmaster.process import operator
from drillmaster.timeline.store import Store


def stop(why: str, environment: str | None) -> int:
    """Stop drills and see the running ones settled. Exit code 5 where one is not."""
    clock = SteadyClock()
    with closing(Store.open()) as store:
        where = named(store, environment) if environment else EVERYWHERE
        stop = begin(store, where, why, operator(), clock)
        _say(f"Stopped: {stop}.")
        left = see_settled(store, where, clock, _say)
    if not left:
        _say("No drill runs, and nothing of one is left.")
    for problem in left:
        _say(f"NOT UNDONE: {problem}", style="bold red")
    return ExitCode.STUCK if left else ExitCode.READY


def resume(environment: str | None) -> int:
    """Lift a stop; what stays stopped is told."""
    with closing(Store.open()) as store:
        where = named(store, environment) if environment else EVERYWHERE
        with store.write() as connection:
            lifted = stops.lift(connection, where)
            left = stops.in_force(connection)
    words = "all environments together" if where == EVERYWHERE else where
    _say(f"The stop of {words} is lifted." if lifted else f"No stop of {words} was in force.")
    for stop in left:
        _say(f"Still in force: {stop}.")
    return ExitCode.READY


def _say(line: str, style: str = "") -> None:
    Console().print(Text(line, style=style), soft_wrap=True)
