"""Taking times turn by turn, so that what the machine does meanwhile hits both."""

import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

Take = Callable[[], float]
"""Does something once; the seconds that it took."""


def medians(turns: int, *takes: Take) -> list[float]:
    """The median of each. Before the first turn each is done once, so that what is read from
    the disk is in memory for all of them."""
    for take in takes:
        take()
    found: list[list[float]] = [[] for _ in takes]
    for turn in range(turns):
        order = list(enumerate(takes))
        for place, take in order if turn % 2 == 0 else reversed(order):
            found[place].append(take())
    return [statistics.median(times) for times in found]


def command(arguments: Sequence[str | Path], folder: Path, environment: dict[str, str]) -> Take:
    """How long a program takes from its start to its end."""

    def take() -> float:
        began = time.perf_counter()
        subprocess.run(
            arguments,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=True,
        )
        return time.perf_counter() - began

    return take
