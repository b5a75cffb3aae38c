"""From the kill of a drill's supervisor to the fault gone at the target, and to settled."""

import random
import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.bench.figure import Figure
from tests.support.sweep import Moment, live
from tests.support.sweep.fate import Fate
from tests.support.sweep.ways import Way, kill_supervisor

_SPAN = 0.9  # seconds after the fault is in; the drill goes on for more than a second then


def figures(_folder: Path, turns: int = 20) -> Iterator[Figure]:
    """Kill so many drills with a fault in, each at another moment."""
    chance = random.Random(turns)
    fates: list[Fate] = []
    for _ in range(2 * turns):  # a kill that finds no fault in says nothing
        moment = Moment("fault", round(chance.uniform(0.0, _SPAN), 3))
        with tempfile.TemporaryDirectory(prefix="drillmaster-bench-") as folder:
            fate = live(Way(kill_supervisor, kills=True), moment, Path(folder))
        if fate.had_fault and fate.early:
            fates.append(fate)
        if len(fates) == turns:
            break
    undone = [fate.undone or 0.0 for fate in fates]
    settled = [fate.settled for fate in fates if fate.settled is not None]
    kills = f"kill -9 of the supervisor ({len(fates)} kills)"
    yield Figure(f"{kills}: gone at the target, median", statistics.median(undone), goal=0.05)
    yield Figure(f"{kills}: gone at the target, worst", max(undone), goal=1.0)
    yield Figure(f"{kills}: settled, median", statistics.median(settled), goal=0.2)
    yield Figure(f"{kills}: settled, worst", max(settled), goal=1.0)
