"""Batches of an audit log, as an API server posts them, go into a file."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drillmaster.intake.audit import LONGEST_BATCH, application
from drillmaster.intake.audit_batch import records
from drillmaster.intake.audit_file import ROTATED, AuditFile
from drillmaster.intake.background import Background
from drillmaster.intake.server import listen
from drillmaster.targets.kubernetes.target import KubernetesTarget
from tests.support.audit_lines import scaled
from tests.support.certificates import certificate
from tests.support.http import closed_port

TOKEN = "t0ken"
COMMAND = [sys.executable, "-m", "drillmaster.cli", "collect-audit"]
BEARER = {"Authorization": f"Bearer {TOKEN}"}


def batch(*records: dict[str, Any]) -> dict[str, Any]:
    return {"kind": "EventList", "apiVersion": "audit.k8s.io/v1", "items": records}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "audit.log"


@contextmanager
def posting(log: AuditFile, headers: Mapping[str, Any] = BEARER) -> Iterator[httpx.Client]:
    """A client of the server that writes that log."""
    listener = listen("127.0.0.1", 0)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with (
        closing(log),
        closing(Background(application(log, TOKEN), listener)),
        httpx.Client(base_url=url, headers=headers) as client,
    ):
        yield client


@pytest.fixture
def server(path: Path) -> Iterator[httpx.Client]:
    with posting(AuditFile(path, 1 << 20)) as client:
        yield client


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_record_becomes_a_line(server: httpx.Client, path: Path) -> None:
    assert server.post("/", json=batch({"a": "Ö\n"}, {"b": [1]})).status_code == 200
    assert server.post("/", json=batch({"c": None})).status_code == 200
    assert lines(path) == [{"a": "Ö\n"}, {"b": [1]}, {"c": None}]
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer t0ke", "bearer t0ken", "Bearer ö"])
def test_who_has_not_the_token_writes_nothing(path: Path, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header.encode()}
    with posting(AuditFile(path, 1 << 20), headers) as client:
        assert client.post("/", json=batch({"a": 1})).status_code == 401
    assert lines(path) == []


NONSENSE = [
    b"",
    b"{",
    b"[]",
    b'{"kind": "EventList"}',
    b'{"kind": "PodList", "items": []}',
    b'{"kind": "EventList", "items": [1]}',
    b'{"kind": "EventList", "items": {}}',
    b"[" * 100_000,
    b'\xff{"kind": "EventList", "items": []}',
]


@pytest.mark.parametrize("body", NONSENSE)
def test_what_is_no_batch_is_refused(server: httpx.Client, path: Path, body: bytes) -> None:
    assert server.post("/", content=body).status_code == 400
    assert lines(path) == []


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.binary(max_size=200))
def test_no_body_is_an_error_of_ours(server: httpx.Client, body: bytes) -> None:
    assert server.post("/", content=body).status_code == 400


def test_what_is_too_long_is_not_read_to_its_end(server: httpx.Client, path: Path) -> None:
    assert server.post("/", content=b" " * (LONGEST_BATCH + 1)).status_code == 413
    assert lines(path) == []


def test_a_log_that_cannot_be_written_is_asked_for_again(server: httpx.Client, path: Path) -> None:
    path.unlink()
    path.mkdir()
    answer = server.post("/", json=batch({"a": 1}))
    assert answer.status_code == 503
    assert "Is a directory" in answer.text
    path.rmdir()
    assert server.post("/", json=batch({"a": 1})).status_code == 200
    assert lines(path) == [{"a": 1}]


def test_a_line_that_was_cut_off_spoils_no_other(path: Path) -> None:
    path.write_bytes(b'{"a": 1}\n{"b"')
    with closing(AuditFile(path, 1 << 20)) as log:
        log.append([b'{"c": 3}'])
        with path.open("ab") as file:
            file.write(b'{"d"')  # as a disk that is full leaves it
        log.append([b'{"e": 5}'])
    assert path.read_bytes() == b'{"a": 1}\n{"b"\n{"c": 3}\n{"d"\n{"e": 5}\n'


DEEP = b'{"auditID": "deep", "body": ' + b"[" * 5000 + b"]" * 5000 + b"}"
LONG = b'{"auditID": "long", "body": ' + b"9" * 6000 + b"}"
ODD = b'{"auditID": "odd", "body": "}]\\\\\\"{[\\u007d"}'


def test_a_body_that_no_parser_takes_loses_no_other(server: httpx.Client, path: Path) -> None:
    body = b'{"kind":"EventList","metadata":{"items":[]},"items":[%s,\n%s, %s ,{"a":1}]}'
    assert server.post("/", content=body % (DEEP, LONG, ODD)).status_code == 200
    assert path.read_bytes().splitlines() == [DEEP, LONG, ODD, b'{"a":1}']


RECORDS = st.lists(st.dictionaries(st.text(), st.text() | st.integers() | st.lists(st.text())))


@given(RECORDS, st.sampled_from([None, 2]), st.booleans())
def test_the_records_are_those_of_the_batch(
    told: list[dict[str, Any]], indent: int | None, plain: bool
) -> None:
    body = json.dumps(batch(*told), indent=indent, ensure_ascii=plain).encode()
    assert [json.loads(one) for one in records(body)] == told
    assert all(b"\n" not in one for one in records(body))


def test_a_log_that_is_taken_away_begins_anew(path: Path) -> None:
    with closing(AuditFile(path, 1 << 20)) as log:
        log.append([b"{}"])
        path.rename(path.with_name("moved"))
        log.append([b"{}"])
    assert path.read_bytes() == b"{}\n"


def test_it_is_rotated_and_the_oldest_go(path: Path) -> None:
    with closing(AuditFile(path, 10)) as log:
        for number in range(ROTATED + 4):
            log.append([b'{"number": %d}' % number])
    rotated = sorted(path.parent.glob("audit-*.log"))
    kept = [line["number"] for one in [*rotated, path] for line in lines(one)]
    assert kept == list(range(3, ROTATED + 4))


def test_what_was_posted_twice_was_done_once(tmp_path: Path) -> None:
    path = tmp_path / "audit.log"
    (tmp_path / "token").write_text("t", encoding="utf-8")
    address: dict[str, Any] = {
        "kind": "kubernetes",
        "server": f"http://127.0.0.1:{closed_port()}",
        "token": f"file:{tmp_path / 'token'}",
        "namespaces": ["shop"],
        "users": {"responder-2": {"user": "responder-2", "groups": []}},
        "audit_log": str(path),
    }
    record = scaled(4)
    with (
        posting(AuditFile(path, 600)) as client,
        closing(KubernetesTarget(address, 1.0)) as target,
    ):
        for _ in range(3):
            assert client.post("/", json=batch(record)).status_code == 200
        assert [one.parameters["replicas"] for one in target.audit(None)] == [4]


def called(path: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """`drillmaster collect-audit`, which ends at once."""
    return subprocess.run(
        [*COMMAND, str(path), *arguments],
        env={**os.environ, "AUDIT_TOKEN": TOKEN},
        capture_output=True,
        text=True,
        check=False,
    )


@contextmanager
def collecting(path: Path, *arguments: str) -> Iterator[str]:
    """`drillmaster collect-audit`; its address."""
    process = subprocess.Popen(
        [*COMMAND, str(path), *arguments],
        env={**os.environ, "AUDIT_TOKEN": TOKEN},
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        try:
            yield next(word for word in process.stdout.readline().split() if "://" in word)
        finally:
            process.send_signal(signal.SIGTERM)


def test_the_command_serves_with_tls(path: Path, tmp_path: Path) -> None:
    for name, text in zip(("server.crt", "server.key"), certificate(), strict=True):
        (tmp_path / name).write_text(text, encoding="utf-8")
    options = ["--certificate", tmp_path / "server.crt", "--key", tmp_path / "server.key"]
    where = ["--token", "env:AUDIT_TOKEN", "--listen", "127.0.0.1:0", *map(str, options)]
    with collecting(path, *where) as url:
        assert url.startswith("https://")
        answer = httpx.post(url, json=batch({"a": 1}), headers=BEARER, verify=False)
        assert answer.status_code == 200
    assert lines(path) == [{"a": 1}]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--token", "t0ken"], "a secret is referred to as env:NAME or file:PATH"),
        (["--token", "env:AUDIT_TOKEN", "--listen", "here"], "--listen is written as HOST:PORT"),
        (["--token", "env:AUDIT_TOKEN", "--listen", "0.0.0.0:0"], "reached from other machines"),
        (["--token", "env:AUDIT_TOKEN", "--key", "k"], "--certificate and --key belong together"),
        (
            ["--token", "env:AUDIT_TOKEN", "--certificate", "c", "--key", "k"],
            "--certificate and --key cannot be used: ",
        ),
    ],
)
def test_what_cannot_be_done_is_told(path: Path, arguments: list[str], told: str) -> None:
    done = called(path, *arguments)
    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert TOKEN not in done.stderr


def test_one_process_keeps_a_file(path: Path) -> None:
    with closing(AuditFile(path, 1 << 20)):
        done = called(path, "--token", "env:AUDIT_TOKEN")
    assert done.returncode == 2
    assert done.stderr.strip() == f"{path} is kept by another process"


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    done = called(tmp_path, "--token", "env:AUDIT_TOKEN")
    assert done.returncode == 2
    assert f"{tmp_path} cannot be written: Is a directory" in done.stderr
