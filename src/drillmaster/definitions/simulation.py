"""Simulated responders, for the sandbox and for tests.

They act through the same doors as people. Ten behaviours have a name, so that
`simulate: late` and `--responder late` mean the same.
"""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from drillmaster.definitions.base import Model, Name
from drillmaster.definitions.probes import Action
from drillmaster.definitions.units import Duration, shown


class Follow(Model):
    """How a simulated responder follows the runbook."""

    follow: Literal["all", "none"] = "all"
    """Whether the steps are done at all."""
    step_time: Duration = 1.0
    """How long each step takes. 1 s: a demo should not bore."""
    skip: list[Name] = []
    """Steps that are left out, by id or by number from 1."""
    instead: dict[Name, Action] = {}
    """Steps in whose place another action is done: `{lift-throttle: restart}`."""
    also: Name | None = None
    """A second person who does the same steps at the same time."""


class Behaviour(Model):
    """What a simulated responder does with a page."""

    acknowledge: Duration | Literal["never"] = 2.0
    """How long after the page the ACK comes, or `never`."""
    by: Literal["self", "automation"] | Name = "self"
    """Who acknowledges: the person who was paged, an automation, or another person's id."""
    then: Literal["engage", "nothing", "hand-over"] = "engage"
    """What follows the ACK: the runbook, nothing, or a hand-over to the next level."""
    access: Literal["as-granted", "denied"] = "as-granted"
    """What the target lets this person do: what the environment grants, or nothing."""
    runbook: Follow = Follow()
    """How the runbook is followed."""

    @property
    def others(self) -> list[str]:
        """The ids of other people who take part in it."""
        named = {self.by, self.runbook.also} - {None, "self", "automation"}
        return sorted(who for who in named if who)


BehaviourName = Literal[
    "prompt",
    "late",
    "silent",
    "wrong-person",
    "bot",
    "hollow",
    "denied",
    "skips",
    "substitutes",
    "doubles",
]

BEHAVIOURS: dict[str, Behaviour] = {
    name: Behaviour.model_validate(shape)
    for name, shape in {
        "prompt": {},
        "late": {"acknowledge": "12s"},
        "silent": {"acknowledge": "never"},
        "wrong-person": {"by": "responder-3"},
        "bot": {"acknowledge": "0s", "by": "automation"},
        "hollow": {"then": "nothing"},
        "denied": {"access": "denied"},
        "skips": {"runbook": {"skip": ["2"]}},
        "substitutes": {"runbook": {"instead": {"2": "restart"}}},
        "doubles": {"runbook": {"also": "responder-3"}},
    }.items()
}
"""The ten behaviours that have a name."""


def _expand(value: Any) -> Any:
    """The behaviour that a name stands for; anything else as it is."""
    if isinstance(value, str):
        if value not in BEHAVIOURS:
            raise PydanticCustomError(
                "behaviour", "{value} is no behaviour", {"value": shown(value)}
            )
        return BEHAVIOURS[value]
    return value


Simulation = Annotated[
    Behaviour, BeforeValidator(_expand, json_schema_input_type=Behaviour | BehaviourName)
]
"""A behaviour, or the name of one."""
