"""The whole sweep: `python -m tests.support.sweep [NUMBER [SEED [WAY …]]]`."""

import random
import sys

from tests.support.sweep import WAYS, sweep, table


def main() -> int:
    """Kill drills, print how each ended, and the figures; 1 where anything was wrong."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(10**6)
    wanted = set(sys.argv[3:])
    ways = [way for way in WAYS if not wanted or way.act.__name__ in wanted]
    print(f"seed {seed}, {number} moments for each of {len(ways)} ways", flush=True)
    fates = sweep(ways, number, seed, lambda line: print(line, flush=True))
    print(table(fates))
    wrong = [fate for fate in fates if fate.problems]
    for fate in wrong:
        print(f"WRONG: {fate}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
