"""What a sandbox is told when it starts, as one line of JSON on its standard input."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Final, Literal
from uuid import uuid4

from pydantic import BaseModel, ConfigDict, Field

from drillmaster.clock import Anchor

ACTIONS: Final = (
    *("view", "scale", "restart", "evict"),
    *("lift-throttle", "lift-latency", "failover"),
)
"""What a person can do to the workload."""

POSITIVE_CONTROL: Final = "positive-control"
"""May do everything: an access check asked as this identity must be allowed."""

NEGATIVE_CONTROL: Final = "negative-control"
"""May do nothing: an access check asked as this identity must be denied."""


Right = Literal["look", "inject", "undo"]
"""What Drillmaster's own identity may do: see state and records, bring faults in, take them
out."""


class Settings(BaseModel):
    """The settings of one sandbox. Its tokens are made for it and end with it."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    id: str
    """Which sandbox this is, so that nobody takes another one on a reused port for it."""
    run: str
    """The run that it was made for."""
    environment: str = ""
    """The environment that it was made for, by which it is found without its run."""
    anchor: Anchor
    """The run's clock: the audit record is in its time."""
    replicas: int = Field(ge=1, le=16)
    restart: float = Field(ge=0)
    """Seconds from a replica's death to the start of the one that takes its place."""
    grace: float = Field(5.0, gt=0)
    """Seconds that the first holder has to come; then the sandbox leaves."""
    operator: str = Field(repr=False, min_length=1)
    """The token of Drillmaster's own identity."""
    rights: list[Right] = ["look", "inject", "undo"]
    """What that identity may do."""
    tokens: dict[str, str] = Field(repr=False)
    """Who a token stands for."""
    grants: dict[str, list[str]]
    """What each person may do."""
    namespace: str = "shop"
    workload: str = "checkout"
    labels: dict[str, str] = {"app": "checkout", "tier": "web"}
    """Labels of the workload and of each of its pods."""


def issue(
    run: str,
    anchor: Anchor,
    grants: Mapping[str, Sequence[str]],
    replicas: int = 4,
    restart: float = 1.0,
    *,
    environment: str = "",
) -> Settings:
    """Settings with a fresh token for everyone in `grants` and for the two controls.

    Args:
        run: The run's id.
        anchor: The run's clock.
        grants: What each person may do; a person who may do nothing has a token too.
        replicas: How many replicas run.
        restart: Seconds from a replica's death to its successor's start.
        environment: The environment's name; empty for a sandbox that belongs to none.
    """
    everyone = {**grants, POSITIVE_CONTROL: ACTIONS, NEGATIVE_CONTROL: ()}
    return Settings(
        id=uuid4().hex,
        run=run,
        environment=environment,
        anchor=anchor,
        replicas=replicas,
        restart=restart,
        operator=secrets.token_urlsafe(24),
        tokens={secrets.token_urlsafe(24): who for who in everyone},
        grants={who: list(actions) for who, actions in everyone.items()},
    )
