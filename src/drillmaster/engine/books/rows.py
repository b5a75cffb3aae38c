"""What a run's row tells, as the store has it: another program may have written into it."""

from typing import Any, Literal

from pydantic import BaseModel, FiniteFloat, StrictInt, ValidationError
from sqlalchemy import Row

from drillmaster.clock import Anchor, SteadyClock
from drillmaster.engine.books import ledger
from drillmaster.errors import StuckError
from drillmaster.process import ProcessIdentity


class UnreadableError(StuckError):
    """A run's row does not say who owns it, or until when."""


class _Ownership(BaseModel):
    """What must be known of a run before anybody takes it over."""

    state: Literal["open", "settling", "stuck"]
    fence: StrictInt
    owner: ProcessIdentity
    lease_until: FiniteFloat
    anchor: Anchor


def clock_of(row: Row[Any]) -> SteadyClock:
    """The clock of a run.

    Raises:
        ValidationError: its anchor is none.
    """
    return SteadyClock(Anchor.model_validate(row.anchor))


def is_dead(row: Row[Any]) -> bool:
    """Whether the run's owner is gone, or gave up.

    Raises:
        UnreadableError: the row does not say so.
    """
    try:
        _Ownership.model_validate(row, from_attributes=True)
    except ValidationError as error:
        cells = ", ".join(sorted({str(one["loc"][0]) for one in error.errors()}))
        raise UnreadableError(f"its row in the store cannot be read: {cells}") from None
    return ledger.claimable(row, clock_of(row).now().timestamp())
