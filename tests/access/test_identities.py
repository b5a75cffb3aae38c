from pathlib import Path
from typing import Any

import pytest

from drillmaster.access.identities import identities_for
from drillmaster.definitions.environment import Environment
from drillmaster.errors import InvalidError
from drillmaster.targets.base import Identity
from tests.support.target import MemoryTarget

TARGET = MemoryTarget(
    issued={
        "responder-2": Identity("responder-2", token="issued"),
        "positive-control": Identity("control-allowed", token="issued-all"),
        "negative-control": Identity("control-denied", token="issued-none"),
    }
)


def environment(**more: Any) -> Environment:
    people = {
        "responder-1": {"roles": ["primary"]},
        "responder-2": {"roles": ["secondary"]} | more.pop("person", {}),
    }
    head = {
        "schema": "drillmaster/v1",
        "kind": "environment",
        "name": "test",
        "target": {"kind": "sandbox"},
        "oncall": {"provider": "embedded", "policy": [{"page": "primary", "timeout": "3s"}]},
    }
    return Environment.model_validate(head | {"people": people} | more)


def test_the_target_issues_what_the_environment_leaves_out() -> None:
    person, controls = identities_for(environment(), TARGET, "responder-2")
    assert person == Identity("responder-2", token="issued")
    assert controls.allowed == Identity("control-allowed", token="issued-all")
    assert controls.denied == Identity("control-denied", token="issued-none")


def test_references_come_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    password = tmp_path / "password"
    password.write_text("s3cret\n", encoding="utf-8")
    monkeypatch.setenv("MINE", "mine")
    monkeypatch.setenv("OPS", "ops")
    given = {"token": "env:MINE", "sql_user": "me", "sql_password": f"file:{password}"}
    person, controls = identities_for(
        environment(
            person={"credentials": given},
            controls={"allowed": {"token": "env:OPS"}, "denied": {"sql_user": "nobody"}},
        ),
        TARGET,
        "responder-2",
    )
    assert person == Identity("responder-2", "mine", "me", "s3cret")
    assert controls.allowed == Identity("control-allowed", "ops")
    assert controls.denied == Identity("control-denied", "issued-none", "nobody")


def test_somebody_whom_the_target_does_not_know_has_no_credential() -> None:
    person, _ = identities_for(environment(), TARGET, "responder-1")
    assert person == Identity("responder-1")


def test_a_reference_that_leads_nowhere_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_SUCH_TOKEN", raising=False)
    given = environment(person={"credentials": {"token": "env:NO_SUCH_TOKEN"}})
    with pytest.raises(InvalidError, match="NO_SUCH_TOKEN"):
        identities_for(given, TARGET, "responder-2")


def test_no_secret_is_shown() -> None:
    person, controls = identities_for(environment(), TARGET, "responder-2")
    assert "issued" not in repr((person, controls))
