"""Secrets are read where a reference points, and told to nobody else."""

import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from drillmaster.definitions.base import Model
from drillmaster.definitions.environment import Environment, WebhookChannel
from drillmaster.definitions.probes import HttpProbe, SqlProbe
from drillmaster.definitions.secrets import referred, resolve_secret
from drillmaster.errors import InvalidError


def refusal(ref: str) -> str:
    with pytest.raises(InvalidError) as caught:
        resolve_secret(ref)
    assert caught.value.__cause__ is None
    return str(caught.value)


def test_a_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANA_TOKEN", "hunter2\n")
    assert resolve_secret("env:ANA_TOKEN") == "hunter2\n"


@pytest.mark.parametrize(
    ("content", "secret"),
    [
        (b"hunter2", "hunter2"),
        (b"hunter2\n", "hunter2"),
        (b"hunter2\r\n", "hunter2"),
        (b"hunter2\n\n", "hunter2\n"),
        (b" hunter2 \n", " hunter2 "),
        ("ünter".encode(), "ünter"),
    ],
)
def test_a_file_without_its_last_line_break(tmp_path: Path, content: bytes, secret: str) -> None:
    path = tmp_path / "secret"
    path.write_bytes(content)
    assert resolve_secret(f"file:{path}") == secret


def test_what_is_not_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_SUCH", raising=False)
    assert refusal("env:NO_SUCH") == (
        "the secret env:NO_SUCH is not there: the variable NO_SUCH is not set"
    )
    ref = f"file:{tmp_path}/none"
    assert refusal(ref) == f"the secret {ref} is not there: {tmp_path}/none is no file"
    assert "is no file" in refusal(f"file:{tmp_path}")


def test_what_is_empty_is_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMPTY", "")
    assert refusal("env:EMPTY") == "the secret env:EMPTY is empty"
    (tmp_path / "empty").write_text("\n")
    assert refusal(f"file:{tmp_path}/empty").endswith("/empty is empty")


def test_what_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"hunter2\xff")
    assert refusal(f"file:{tmp_path}/binary").endswith("/binary is no UTF-8 text")
    (tmp_path / "large").write_bytes(b"x" * 70_000)
    assert refusal(f"file:{tmp_path}/large").endswith("/large is larger than 64 KiB")
    os.mkfifo(tmp_path / "pipe")
    assert refusal(f"file:{tmp_path}/pipe").endswith("is no file")


@pytest.mark.parametrize("ref", ["hunter2", "", "env:", "file:", "http://hunter2", "ENV:hunter2"])
def test_what_is_no_reference_may_be_a_secret_and_is_not_repeated(ref: str) -> None:
    assert refusal(ref) == "a secret is referred to as env:NAME or file:PATH"


def test_a_value_that_may_be_a_reference(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CHAT", "https://chat.example/hooks/hunter2")
    (tmp_path / "chat").write_text("https://chat.example/hooks/hunter3\n")
    assert referred("env:CHAT") == "https://chat.example/hooks/hunter2"
    assert referred(f"file:{tmp_path / 'chat'}") == "https://chat.example/hooks/hunter3"
    assert referred("https://chat.example/env:CHAT") == "https://chat.example/env:CHAT"


@pytest.mark.parametrize(
    "address",
    [
        "https://ana:hunter2@chat.example/hook",
        "https://hunter2@chat.example/hook",
        "postgresql+psycopg://ana:hunter2@db/shop",
        "postgresql+psycopg://db/shop?password=hunter2",
        "postgresql+psycopg://db/shop?sslmode=require&Password=hunter2",
    ],
)
@pytest.mark.parametrize("model", [WebhookChannel, HttpProbe, SqlProbe])
def test_no_login_is_written_into_an_address(model: type[Model], address: str) -> None:
    with pytest.raises(ValidationError) as caught:
        model.model_validate({"url": address})
    (error,) = caught.value.errors()
    assert "must not hold a login" in error["msg"]
    assert "hunter2" not in error["msg"]


@pytest.mark.parametrize("address", ["http://db/shop?user=ana", "http://chat/@ana", "env:CHAT"])
def test_what_is_no_login(address: str) -> None:
    assert WebhookChannel(url=address).url == address


def test_no_login_stands_among_an_environments_addresses() -> None:
    environment = {
        "schema": "drillmaster/v1",
        "kind": "environment",
        "name": "sandbox",
        "target": {"kind": "sandbox"},
        "oncall": {"provider": "embedded", "policy": [{"page": "secondary", "timeout": "1s"}]},
        "people": {"ben": {"roles": ["secondary"]}},
        "urls": {"shop": "https://ana:hunter2@shop.example"},
    }
    with pytest.raises(ValidationError) as caught:
        Environment.model_validate(environment)
    assert caught.value.errors()[0]["ctx"]["at"] == ["urls", "shop"]
