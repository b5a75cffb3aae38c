"""Reading the audit log while it is written, rotated and cut."""

import json
import random
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from drillmaster.targets.base import DeclinedError
from drillmaster.targets.kubernetes.target import KubernetesTarget
from tests.support.audit_lines import line, record, scaled
from tests.support.http import closed_port

USERS = {
    "ana": {"user": "ana@example.org", "groups": []},
    "ben": {"user": 'ben "<Ö>"', "groups": []},
    "responder-2": {"user": "responder-2", "groups": []},
}


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "audit" / "audit.log"
    path.parent.mkdir()
    path.touch()
    return path


@pytest.fixture
def target(log: Path, tmp_path: Path) -> Iterator[KubernetesTarget]:
    with closing(reading(log, tmp_path)) as connection:
        yield connection


def reading(log: Path | None, folder: Path) -> KubernetesTarget:
    """A target whose API nobody needs."""
    (folder / "token").write_text("t", encoding="utf-8")
    address: dict[str, Any] = {
        "kind": "kubernetes",
        "server": f"http://127.0.0.1:{closed_port()}",
        "token": f"file:{folder / 'token'}",
        "namespaces": ["shop"],
        "users": USERS,
    }
    return KubernetesTarget(address | ({"audit_log": str(log)} if log else {}), 1.0)


def write(log: Path, *lines: bytes) -> None:
    with log.open("ab") as file:
        file.writelines(lines)


def replicas(target: KubernetesTarget, after: str | None = None) -> list[int]:
    return [one.parameters["replicas"] for one in target.audit(after)]


def test_what_people_did_is_told_in_their_names(target: KubernetesTarget, log: Path) -> None:
    write(
        log,
        line(scaled(1, user="ana@example.org")),
        line(scaled(2, user='ben "<Ö>"')),
        line(scaled(3, user="ana")),
        line(scaled(4, user="system:serviceaccount:kube-system:deployment-controller")),
    )
    assert [(one.who, one.parameters) for one in target.audit(None)] == [
        ("ana", {"replicas": 1}),
        ("ben", {"replicas": 2}),
    ]


def test_what_was_done_elsewhere_is_left_out(target: KubernetesTarget, log: Path) -> None:
    """Whose its pods are, Drillmaster may not even be allowed to ask."""
    for told in (scaled(1), record("delete", "pods", "", level="Request")):
        write(log, line({**told, "objectRef": {**told["objectRef"], "namespace": "search"}}))
    assert target.audit(None) == []


def test_only_what_came_after_a_record_is_told(target: KubernetesTarget, log: Path) -> None:
    write(log, line(scaled(1)), line(record("list", "pods", "")), line(scaled(2)))
    first, second = target.audit(None)
    assert replicas(target, first.id) == [2]
    assert target.audit(second.id) == []
    write(log, line(scaled(3)))
    assert replicas(target, second.id) == [3]
    assert replicas(target) == [1, 2, 3]


def test_what_failed_is_nobodys_act_and_what_was_refused_is(
    target: KubernetesTarget, log: Path
) -> None:
    codes = (404, 409, 422, 429, 500, 403, 200)
    write(log, *(line(scaled(code, responseStatus={"code": code})) for code in codes))
    assert [(one.parameters["replicas"], one.allowed) for one in target.audit(None)] == [
        (403, False),
        (200, True),
    ]


def test_a_half_written_line_is_read_when_it_is_whole(target: KubernetesTarget, log: Path) -> None:
    whole = line(scaled(2))
    for half in (whole[:1], whole[1:200], whole[200:-1]):
        write(log, half)
        assert replicas(target) == []
    write(log, whole[-1:] + line(scaled(3))[:50])
    assert replicas(target) == [2]


def test_a_rotated_log_is_read_to_its_end(target: KubernetesTarget, log: Path) -> None:
    write(log, line(scaled(1)))
    [seen] = target.audit(None)
    write(log, line(scaled(2)))
    log.rename(log.with_name("audit-2026-11-24T10-00-00.000.log"))
    write(log, line(scaled(3)))
    log.rename(log.with_name("audit-2026-11-24T11-00-00.000.log"))
    assert replicas(target, seen.id) == [2, 3]
    write(log, line(scaled(4)))
    assert replicas(target, seen.id) == [2, 3, 4]


def test_a_log_that_is_copied_and_emptied_is_read_once(target: KubernetesTarget, log: Path) -> None:
    write(log, line(scaled(1)), line(scaled(2)))
    assert replicas(target) == [1, 2]
    log.with_name("audit-2026-11-24.log").write_bytes(log.read_bytes())
    log.write_bytes(b"")
    assert replicas(target) == [1, 2]
    write(log, line(scaled(3)))
    assert replicas(target) == [1, 2, 3]


def test_a_record_that_was_posted_twice_hides_none_after_a_rotation(
    target: KubernetesTarget, log: Path
) -> None:
    first, second = line(scaled(1)), line(scaled(2))
    write(log, first, second)
    assert replicas(target) == [1, 2]
    log.rename(log.with_name("audit-2026-11-28T10-00-00.000.log"))
    write(log, first, line(scaled(3)))
    assert replicas(target) == [1, 2, 3]


def test_old_logs_are_read_only_by_who_asks_on_from_there(log: Path, tmp_path: Path) -> None:
    write(log, line(scaled(1)), line(scaled(2)))
    with closing(reading(log, tmp_path)) as before:
        first, _ = before.audit(None)
    log.rename(log.with_name("audit-2026-11-24T10-00-00.000.log"))
    write(log, line(scaled(3)))
    with closing(reading(log, tmp_path)) as target:
        assert replicas(target) == [3]
        assert replicas(target, first.id) == [2, 3]
        with pytest.raises(DeclinedError, match="does not hold the record no-such-id any more"):
            target.audit("no-such-id")


def test_whatever_is_in_between_is_passed_over(target: KubernetesTarget, log: Path) -> None:
    chance = random.Random(7)
    odd = [
        b"\n", b"null\n", b"{}\n", b"\x00\xff\n", b'"responder-2"\n',
        b"[" * 5000 + b"responder-2\n",
        b'{"user":{"username":"responder-2"}}\n', line({**scaled(9), "auditID": 7}),
        json.dumps(scaled(9)).encode()[:100] + b"\n", line({**scaled(9), "stageTimestamp": "soon"}),
    ]  # fmt: skip  # short lines side by side
    for number in range(1, 6):
        write(log, *chance.sample(odd, len(odd)), line(scaled(number)))
    assert replicas(target) == [1, 2, 3, 4, 5]


def test_a_record_that_is_written_twice_is_one(target: KubernetesTarget, log: Path) -> None:
    once = line(scaled(1))
    write(log, once, once)
    assert replicas(target) == [1]


def test_a_client_that_chooses_the_id_hides_nothing(target: KubernetesTarget, log: Path) -> None:
    """The header `Audit-ID` of a request becomes its id."""
    mine = {"auditID": "mine"}
    refused = {"code": 403}
    write(log, line(scaled(1, **mine)), line(scaled(2, **mine, responseStatus=refused)))
    first, second = target.audit(None)
    assert [(one.parameters["replicas"], one.allowed) for one in (first, second)] == [
        (1, True),
        (2, False),
    ]
    write(log, line(scaled(3, **mine)), line(scaled(4, **mine, user="ana@example.org")))
    assert replicas(target, first.id) == [2, 3, 4]
    assert replicas(target, second.id) == [3, 4]


def test_without_a_log_nobodys_acts_can_be_seen(tmp_path: Path) -> None:
    with (
        closing(reading(None, tmp_path)) as target,
        pytest.raises(DeclinedError, match="names no audit_log"),
    ):
        target.audit(None)


@pytest.mark.parametrize("where", ["audit.log", "no-such-folder/audit.log"])
def test_a_log_that_is_not_there_is_told(tmp_path: Path, where: str) -> None:
    with (
        closing(reading(tmp_path / where, tmp_path)) as target,
        pytest.raises(DeclinedError, match=r"the audit log .* is not there"),
    ):
        target.audit(None)


def test_a_log_that_cannot_be_read_is_told(log: Path, tmp_path: Path) -> None:
    log.unlink()
    log.mkdir()
    with (
        closing(reading(log, tmp_path)) as target,
        pytest.raises(DeclinedError, match=r"cannot be read: Is a directory"),
    ):
        target.audit(None)
