"""A fault that Chaos Toolkit plays, as data: all that it takes to play and to undo it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from drillmaster.definitions.chaos import Affects, Allowance, Call, Chaos, Experiment, Sign


class PlayOrder(BaseModel):
    """What the ledger keeps of such a fault."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    experiment: dict[str, Any]
    """A whole experiment; its secrets are references."""
    python_path: list[str]
    """Folders in which modules are looked for first."""
    folder: str
    """The folder in which its activities are played."""
    present: Sign
    effect: Sign | None = None
    affects: Affects
    timeout: float
    """Seconds."""
    self_limiting: str | None = None


def order_for(
    body: Chaos | Experiment,
    experiments: Mapping[str, dict[str, Any]],
    allowance: Allowance,
    root: Path,
) -> PlayOrder:
    """The order of a fault as a drill has it.

    Args:
        body: The fault.
        experiments: The experiments that the drill's faults name, by file.
        allowance: What the environment allows.
        root: The drills folder.
    """
    return PlayOrder(
        experiment=experiment_of(body, experiments),
        python_path=[str((root / folder).resolve()) for folder in allowance.python_path],
        folder=str(Path.cwd()),
        present=body.present,
        effect=body.effect,
        affects=body.affects,
        timeout=body.timeout,
        self_limiting=body.self_limiting,
    )


def experiment_of(
    body: Chaos | Experiment, experiments: Mapping[str, dict[str, Any]]
) -> dict[str, Any]:
    """The whole experiment of a fault; of an action, the smallest one that plays it."""
    if isinstance(body, Experiment):
        return experiments[body.file]
    return {
        "title": f"{body.module}.{body.func}",
        "description": "An action that is a fault of a drill.",
        "method": [_action(body)],
        "rollbacks": [_action(body.undo)] if body.undo is not None else [],
    }


def _action(call: Call) -> dict[str, Any]:
    return {
        "type": "action",
        "name": f"{call.module}.{call.func}",
        "provider": {
            "type": "python",
            "module": call.module,
            "func": call.func,
            "arguments": call.arguments,
        },
    }
