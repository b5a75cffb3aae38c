"""How soon the command answers, beside `chaos`."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.bench.figure import Figure
from tests.bench.turns import command, medians

BIN = Path(sys.executable).parent

_GOALS = {"--version": 0.5, "--help": 1.0}


def figures(folder: Path, turns: int = 15) -> Iterator[Figure]:
    """`--version`, and `--help` as it is with colours."""
    given = {**os.environ, "FORCE_COLOR": "1"}
    for option, goal in _GOALS.items():
        programs = [
            command([BIN / name, option], folder, given) for name in ("drillmaster", "chaos")
        ]
        ours, peer = medians(turns, *programs)
        yield Figure(f"drillmaster {option} | chaos {option}", ours, peer, goal)
