"""The process that plays a part of an experiment with Chaos Toolkit.

What is to be played comes on standard input, what came of it goes to standard output, and
whatever the modules print goes nowhere: it may hold a secret. It imports little of ours,
because it is started for each part.
"""

import importlib
import json
import logging
import os
import sys
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from chaoslib.configuration import load_configuration
from chaoslib.experiment import ensure_experiment_is_valid, run_experiment
from chaoslib.secret import load_secrets
from chaoslib.types import Strategy

from drillmaster.probes.redact import message

_SETTINGS = {"runtime": {"rollbacks": {"strategy": "always"}}}


def main() -> int:
    """Play what was told, and tell what came of it."""
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")  # no child inherits it
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    told = json.load(sys.stdin)
    if told["part"] == "rollbacks":
        # What an undo starts, such as the service that the fault had ended, is to stay. We
        # ourselves are still found by it: the system keeps what we were started with.
        os.environ.pop(told["mark"], None)
    ours = os.getpid()
    sys.path[:0] = told["python_path"]
    quiet = logging.getLogger("chaostoolkit")
    quiet.addHandler(logging.NullHandler())
    quiet.setLevel(logging.CRITICAL)
    played = _played(told["part"], told["experiment"])
    if os.getpid() == ours:  # a child that an activity forked has nothing to say
        json.dump(played, answer)
        answer.flush()
    os._exit(0)  # a thread that an activity left behind must not keep us


def _played(part: str, experiment: dict[str, Any]) -> dict[str, Any]:
    activities: list[dict[str, Any]] = []
    try:
        problem = next(_unfit(experiment), None)
        if problem is None and part != "rehearsal":
            journal = _PARTS[part](experiment)
            runs = journal["run" if part == "method" else "rollbacks"]
            activities = [_activity(run) for run in runs]
            wanted = len(experiment.get(part) or [])
            problem = next(_failures(experiment, journal, runs, wanted), None)
    except BaseException as error:  # whatever a module raises, an exit too
        problem = _told(experiment, type(error).__name__, str(error))
    return {"activities": activities, "problem": problem}


def _unfit(experiment: dict[str, Any]) -> Iterator[str]:
    """Why it cannot be played here. A control that is missing would silently not be applied,
    and it may be there for safety."""
    ensure_experiment_is_valid(experiment)
    for control in _controls(experiment):
        module = control.get("provider", {}).get("module")
        try:
            importlib.import_module(str(module))
        except Exception as error:
            yield f"its control {module} cannot be imported ({type(error).__name__})"


def _method(experiment: dict[str, Any]) -> Any:
    return run_experiment(
        {**experiment, "rollbacks": []}, settings=_SETTINGS, strategy=Strategy.BEFORE_METHOD
    )


def _rollbacks(experiment: dict[str, Any]) -> Any:
    return run_experiment({**experiment, "method": []}, settings=_SETTINGS, strategy=Strategy.SKIP)


_PARTS = {"method": _method, "rollbacks": _rollbacks}


def _failures(
    experiment: dict[str, Any], journal: Any, runs: list[Any], wanted: int
) -> Iterator[str]:
    """What went wrong, first things first. Chaos Toolkit itself calls most of it completed."""
    before = (journal.get("steady_states") or {}).get("before")
    if before is not None and not before["steady_state_met"]:
        names = [probe["activity"]["name"] for probe in before["probes"][-1:]]
        yield f"its steady-state hypothesis is not met: {', '.join(names)}"
    for run in runs:
        if run.get("status") != "succeeded":
            why = "".join(run.get("exception") or []).strip().splitlines()[-1:]
            said = _told(experiment, run.get("status", "interrupted"), *why)
            yield f"{run['activity']['name']}: {said}"
    if journal["status"] != "completed":
        yield f"Chaos Toolkit ended it as {journal['status']}"
    if len(runs) < wanted:
        yield f"{len(runs)} of its {wanted} activities were played"


def _activity(run: Any) -> dict[str, Any]:
    begun, ended = (run.get(key) for key in ("start", "end"))
    took = 0.0
    if begun and ended:
        took = (datetime.fromisoformat(ended) - datetime.fromisoformat(begun)).total_seconds()
    status = run.get("status", "interrupted")
    return {"name": run["activity"]["name"], "status": status, "took": took}


def _told(experiment: dict[str, Any], kind: str, text: str = "") -> str:
    """A failure in one line, without the experiment's secrets."""
    said = message(text, _secrets(experiment)) if text else ""
    return f"{kind}: {said}" if said else kind


def _secrets(experiment: dict[str, Any]) -> Iterator[str]:
    try:
        configuration = load_configuration(experiment.get("configuration", {}))
        scopes = load_secrets(experiment.get("secrets", {}), configuration)
    except Exception:
        return
    yield from _texts(scopes)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for below in value.values():
            yield from _texts(below)
    elif isinstance(value, str):
        yield value


def _controls(value: Any) -> Iterator[dict[str, Any]]:
    """All controls of an experiment, wherever they stand."""
    if isinstance(value, dict):
        controls = value.get("controls")
        yield from (one for one in controls or () if isinstance(one, dict))
        for below in value.values():
            yield from _controls(below)
    elif isinstance(value, list):
        for below in value:
            yield from _controls(below)


if __name__ == "__main__":
    sys.exit(main())
