"""A target that is provably gone, for whoever still has something to ask of it."""

from typing import NoReturn, cast

from drillmaster.errors import DrillmasterError
from drillmaster.targets.base import Address, GoneError, Target


def gone_target(address: Address) -> Target:
    """What stands in the place of a target that is gone: it answers every question with
    GoneError."""
    return cast("Target", _Gone(address))


def is_gone(target: Target) -> bool:
    """Whether a target is provably gone. One that merely does not answer is not."""
    try:
        target.refusal()
    except GoneError:
        return True
    except DrillmasterError:
        return False
    return False


class _Gone:
    def __init__(self, address: Address) -> None:
        self.kind: str = address["kind"]
        self.address = address

    def close(self) -> None:
        """There is nothing to give back."""

    def __getattr__(self, _question: str) -> NoReturn:
        raise GoneError("the target is gone")
