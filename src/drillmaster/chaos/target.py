"""The target of an experiment: a connection for as long as the process lives.

A sandbox is started when it is first needed, because `chaos run` starts none; it ends
with the process that holds it.
"""

import time
from collections.abc import Mapping
from functools import cache
from typing import Any

from drillmaster.clock import Anchor
from drillmaster.faults.base import Injection
from drillmaster.sandbox.given import ACTIONS, issue
from drillmaster.sandbox.launch import hold, launch
from drillmaster.targets.base import Target
from drillmaster.targets.registry import connect

_held: list[object] = []


def connected(target: Mapping[str, Any]) -> Target:
    """The target that an experiment names.

    Args:
        target: Its `kind`; for a sandbox also `replicas` and `restart` in seconds.
    """
    if target["kind"] == "sandbox" and "admin" not in target:
        return _sandbox(int(target.get("replicas", 4)), float(target.get("restart", 1.0)))
    return connect(dict(target))


@cache
def _sandbox(replicas: int, restart: float) -> Target:
    address = launch(issue("experiment", Anchor.here(), {"operator": ACTIONS}, replicas, restart))
    _held.append(hold(address))
    return connect(address)


def injection_of(kind: str, arguments: dict[str, Any], name: str) -> Injection:
    """A fault of an experiment; its name tells two of one kind apart."""
    return Injection(
        id=f"experiment-{name or kind}",
        run="experiment",
        name=name or kind,
        kind=kind,
        arguments=arguments,
        expires=time.time() + 3600.0,
    )
