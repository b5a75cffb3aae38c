"""Many drills, and how soon all was undone and settled."""

import statistics
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from tests.support.sweep.fate import Fate
from tests.support.sweep.judge import live
from tests.support.sweep.moments import moments
from tests.support.sweep.ways import Way


def sweep(ways: Iterable[Way], number: int, seed: int, say: Callable[[str], None]) -> list[Fate]:
    """Live so many lives for each way; says each as it is over."""
    fates = []
    for place, way in enumerate(ways):
        for moment in moments(seed + place, number):
            with tempfile.TemporaryDirectory(prefix="drillmaster-sweep-") as folder:
                fates.append(live(way, moment, Path(folder)))
            say(str(fates[-1]))
    return fates


def table(fates: Iterable[Fate]) -> str:
    """Number, median and worst seconds to undone and to settled, by way."""
    by_way: dict[str, list[Fate]] = {}
    for fate in fates:
        by_way.setdefault(fate.way, []).append(fate)
    head = f"{'way':32} {'n':>4} {'with fault':>10} {'undone: median':>15} {'worst':>7}"
    lines = [f"{head} {'settled: median':>16} {'worst':>7} {'wrong':>6}"]
    for way, all_of_them in by_way.items():
        ours = [fate for fate in all_of_them if fate.struck]
        undone = _figures(fate.undone for fate in ours)
        settled = _figures(fate.settled for fate in ours)
        wrong = sum(bool(fate.problems) for fate in all_of_them)
        inside = sum(fate.had_fault for fate in ours)
        lines.append(
            f"{way:32} {len(ours):>4} {inside:>10} {undone[0]:>15} {undone[1]:>7}"
            f" {settled[0]:>16} {settled[1]:>7} {wrong:>6}"
        )
    return "\n".join(lines)


def _figures(values: Iterable[float | None]) -> tuple[str, str]:
    known = [value for value in values if value is not None]
    if not known:
        return "-", "-"
    return f"{statistics.median(known):.3f} s", f"{max(known):.2f} s"
