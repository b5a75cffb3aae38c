"""`python -m tests.bench [PART …]`: take the figures and print them beside their goals."""

import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.bench import access, activities, kills, scoring, startup, supervisor, watching
from tests.bench.figure import Figure, table

PARTS: dict[str, Callable[[Path], Iterator[Figure]]] = {
    "startup": startup.figures,
    "scoring": scoring.figures,
    "activities": activities.figures,
    "kills": kills.figures,
    "watching": watching.figures,
    "supervisor": supervisor.figures,
    "access": access.figures,
}
"""What can be measured."""


def main(wanted: list[str]) -> int:
    """Measure the parts that are wanted, or all; 2 for a part that there is not."""
    if unknown := set(wanted) - set(PARTS):
        print(f"no part {', '.join(sorted(unknown))}; there is {', '.join(PARTS)}")
        return 2
    found: list[Figure] = []
    for name in wanted or PARTS:
        print(f"measuring {name} ...", file=sys.stderr, flush=True)
        with tempfile.TemporaryDirectory(prefix="drillmaster-bench-") as folder:
            found += PARTS[name](Path(folder))
    print(table(found))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
