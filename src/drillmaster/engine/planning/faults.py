"""From definitions to what the runner is told: which faults, in which rhythm and turn."""

import hashlib
import json
import secrets
from datetime import datetime, timedelta
from typing import Any

from drillmaster.definitions.bundle import Bundle
from drillmaster.definitions.chaos import Allowance, Chaos, Experiment
from drillmaster.definitions.drill import Drill
from drillmaster.definitions.faults import Fault
from drillmaster.engine.machine.order import PlannedFault
from drillmaster.engine.planning.limits import duration_limit
from drillmaster.faults.base import Injection
from drillmaster.faults.chaostoolkit.order import order_for

MARGIN = 600.0
"""Seconds after the drill's longest duration until its marks are surely stale."""


def new_run_id(now: datetime) -> str:
    """An id that sorts by time, such as `20261124-224935-7f3a`."""
    return f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"


def definitions_of(bundle: Bundle) -> dict[str, Any]:
    """The definitions as the timeline keeps them, so that scoring needs no file."""
    parts = {
        "drill": bundle.drill,
        "environment": bundle.environment,
        "access": bundle.access,
        "runbook": bundle.runbook,
    }
    told: dict[str, Any] = {
        name: part.model_dump(mode="json", exclude_none=True)
        for name, part in parts.items()
        if part is not None
    }
    if bundle.experiments:  # which ones they were; they may be large
        told["experiments"] = {
            file: digest_of(experiment) for file, experiment in bundle.experiments.items()
        }
    return told


def digest_of(experiment: dict[str, Any]) -> str:
    """By which two experiments are told apart."""
    text = json.dumps(experiment, sort_keys=True, ensure_ascii=True)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def stale_after(bundle: Bundle, now: datetime) -> datetime:
    """When whatever a run that begins now leaves at the target is surely stale."""
    lasts = duration_limit(bundle.drill, bundle.environment)
    return now + timedelta(seconds=lasts + MARGIN)


def planned_faults(bundle: Bundle, run: str, now: datetime) -> list[PlannedFault]:
    """The faults for the target; `unreachable-primary` is the on-call provider's."""
    expires = stale_after(bundle, now).timestamp()
    return [
        PlannedFault(
            injection=Injection(
                id=f"{run}-{fault.id}",
                run=run,
                name=fault.id,
                kind=fault.kind,
                arguments=_arguments(fault, bundle),
                expires=expires,
            ),
            after=fault.after,
            every=getattr(fault.body, "every", None),
            lasts=fault.body.for_,
        )
        for fault in target_faults(bundle.drill)
    ]


def _arguments(fault: Fault, bundle: Bundle) -> dict[str, Any]:
    """All that the fault and its undo need, so that no file of the drill is needed."""
    body = fault.body
    if isinstance(body, Chaos | Experiment):
        allowance = bundle.environment.chaos or Allowance()
        body = order_for(body, bundle.experiments, allowance, bundle.root)
    arguments: dict[str, Any] = body.model_dump(mode="json", exclude_none=True)
    return arguments


def target_faults(drill: Drill) -> list[Fault]:
    """The faults that are injected into the target."""
    return [fault for fault in drill.faults if fault.kind != "unreachable-primary"]
