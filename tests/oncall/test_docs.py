"""What docs/oncall.md shows is true."""

import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from drillmaster.definitions.kinds import ENVIRONMENT
from drillmaster.definitions.load import load
from drillmaster.oncall.channels.base import Page
from drillmaster.oncall.channels.webhook import body
from drillmaster.oncall.policy import policy_of

PAGE = (Path(__file__).parents[2] / "docs" / "oncall.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    (found,) = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return str(found)


def test_the_environment_loads(tmp_path: Path) -> None:
    path = tmp_path / "checkout-team.yaml"
    path.write_text(block("yaml"))
    policy = policy_of(load(ENVIRONMENT, path).model)
    assert [level.role for level in policy.levels] == ["primary", "secondary"]
    assert [contact.kind for contact in policy.people["ana"].contacts] == ["webhook", "email"]


def test_the_webhook_body_has_the_fields_that_are_sent() -> None:
    shown = json.loads(block("json"))
    sent = body(
        Page(
            page=shown["page"],
            incident=shown["incident"],
            run=shown["run"],
            service=shown["service"],
            severity=shown["severity"],
            summary=shown["summary"],
            person=shown["person"],
            role=shown["role"],
            level=shown["level"],
            at=datetime(2026, 11, 24, 14, 0, tzinfo=UTC),
            links=shown["links"],
        ),
        shown["address"],
    )
    assert list(sent) == [*[key for key in shown if key != "address"], "address"]
    assert {**sent, "text": ""} == {**shown, "text": ""}
    assert sent["text"].startswith(shown["text"].removesuffix("…"))


def test_the_commands_and_their_options_are_there() -> None:
    typed = set(re.findall(r"drillmaster (incident \w+|ack)", PAGE))
    options = {
        option
        for line in re.findall(r"`([^`\n]+)`", PAGE)
        for option in re.findall(r"--[a-z-]+", line)
    }
    assert typed >= {"ack", "incident open", "incident follow"}
    helped = "".join(_help(command.split()) for command in typed)
    assert {option for option in options if option not in helped} == set()


def _help(command: list[str]) -> str:
    ended = subprocess.run(
        [sys.executable, "-m", "drillmaster.cli", *command, "--help"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "COLUMNS": "200"},
    )
    return ended.stdout
