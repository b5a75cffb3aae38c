"""Keeping a target there for as long as there may be something to undo, and finding one of
which nobody wrote down where it is.

The embedded sandbox lives while somebody holds it, so whoever may have to undo does;
the runner never, or a hanging runner would keep a sandbox for ever. Any other target
is there by itself.
"""

import socket
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from drillmaster.definitions.environment import Environment
from drillmaster.process import operator
from drillmaster.sandbox.finding import find
from drillmaster.sandbox.launch import hold
from drillmaster.targets.base import Address, UnreachableError
from drillmaster.targets.cluster import address_of


def holding(address: Address | None) -> AbstractContextManager[Any]:
    """Hold the target at an address.

    Raises:
        GoneError: it is provably gone.
        UnreachableError: it does not answer.
    """
    return hold(address) if address and address["kind"] == "sandbox" else nullcontext()


def standing(environment: Environment) -> tuple[list[Address], list[UnreachableError]]:
    """Where the targets of an environment are now, and what is wrong with those that may
    belong to it and do not say.

    Raises:
        NotFindableError: this system cannot tell.
    """
    spec = environment.target
    if spec.kind == "sandbox":
        found, silent = find(environment.name, environment.timing.request)
        by = f"sweep of {operator()} on {socket.gethostname()}"  # what it undoes, it undoes as that
        return [{**address, "by": by} for address in found], silent
    return [address_of(spec)], []
