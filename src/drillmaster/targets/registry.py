"""Which kinds of target there are: one line a kind."""

from collections.abc import Callable

from drillmaster.targets.base import Address, Target
from drillmaster.targets.kubernetes.target import KubernetesTarget
from drillmaster.targets.sandbox import SandboxTarget

KINDS: dict[str, Callable[[Address, float], Target]] = {
    "sandbox": SandboxTarget,
    "kubernetes": KubernetesTarget,
}


def connect(address: Address, timeout: float = 4.0) -> Target:
    """A connection to a target; each request may take `timeout` seconds."""
    return KINDS[address["kind"]](address, timeout)
