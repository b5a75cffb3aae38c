"""Keeping a target there for as long as there may be something to undo.

The embedded sandbox lives while somebody holds it, so whoever may have to undo does;
the runner never, or a hanging runner would keep a sandbox for ever. Any other target
is there by itself.
"""

from contextlib import AbstractContextManager, nullcontext
from typing import Any

from drillmaster.sandbox.launch import hold
from drillmaster.targets.base import Address


def holding(address: Address | None) -> AbstractContextManager[Any]:
    """Hold the target at an address.

    Raises:
        GoneError: it is provably gone.
        UnreachableError: it does not answer.
    """
    return hold(address) if address and address["kind"] == "sandbox" else nullcontext()
