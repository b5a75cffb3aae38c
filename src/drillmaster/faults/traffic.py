"""Requests that are refused, and requests that are slow."""

import math

from drillmaster.definitions.faults import Latency, Throttle
from drillmaster.faults.marked import Marked
from drillmaster.targets.sandbox import SandboxMark, SandboxTarget

_MOST_VISITS = 200  # a share below 0.5% may take more than one look


class SandboxThrottle(Marked[Throttle]):
    """The sandbox's proxy answers a share of the requests with 429."""

    model = Throttle
    told = ("share",)

    def seen(self, spec: Throttle, mark: SandboxMark, sandbox: SandboxTarget) -> str | None:
        """Requests that this throttle refused; visits the page until one was."""
        limited = self.watched(sandbox, mark, lambda e: e.limited, visits(spec.share))
        return f"requests answered 429: {limited}" if limited else None


class SandboxLatency(Marked[Latency]):
    """The sandbox's proxy holds a share of the requests."""

    model = Latency
    told = ("share", "delay")

    def seen(self, spec: Latency, mark: SandboxMark, sandbox: SandboxTarget) -> str | None:
        """Requests that this latency held; visits the page until one was."""
        delayed = self.watched(
            sandbox, mark, lambda e: e.delayed, visits(spec.share), patience=spec.delay
        )
        return f"requests held for {spec.delay:g} s: {delayed}" if delayed else None


def visits(share: float) -> int:
    """How many visits in a row it takes for the share to hit one, within reason."""
    return min(math.ceil(1 / share) + 1, _MOST_VISITS) if share else 0
