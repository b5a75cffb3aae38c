"""Watching pods by asking again and again, where the target does not tell by itself."""

import threading
import time
from collections.abc import Callable, Iterator

from drillmaster.targets.base import Pod, PodsNow, UnreachableError

_EVERY = 0.25  # seconds from one look to the next


def watched(pods: Callable[[], list[Pod]], stop: threading.Event) -> Iterator[PodsNow]:
    """How pods stand, and then every change that a look finds. Restarts are not seen so: what
    is restarted comes back as another pod."""
    known: dict[str, bool] | None = None
    looked = time.monotonic()
    while not stop.is_set():
        begun = time.monotonic()
        try:
            now = {pod.name: pod.ready for pod in pods()}
        except UnreachableError:
            stop.wait(_EVERY)
            continue
        within = time.monotonic() - looked
        change = "seen for the first time" if known is None else _change(known, now)
        if change:
            yield PodsNow(len(now), sum(now.values()), 0, change, within)
        known, looked = now, begun
        stop.wait(_EVERY)


def _change(before: dict[str, bool], now: dict[str, bool]) -> str:
    words = [f"{name} is gone" for name in before if name not in now]
    words += [f"{name} has come" for name in now if name not in before]
    for name, ready in now.items():
        if before.get(name, ready) != ready:
            words.append(f"{name} is {'ready' if ready else 'not ready any more'}")
    return "; ".join(words)
