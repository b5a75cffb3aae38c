"""The worst case in one sentence: true of whatever the drill may do."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from drillmaster.definitions.bundle import Bundle
from drillmaster.definitions.project import open_bundle
from drillmaster.engine.planning.worst_case import worst_case
from tests.support.preflight import Data, drill, environment, project

NOW = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
PODS = {"namespace": "shop", "selector": "app=checkout"}
CHURN = {"pod-churn": {**PODS, "kill": "30%", "every": "20s"}}
SILENT = {"unreachable-primary": {"by": "drill-policy"}}


@pytest.fixture(autouse=True)
def in_utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def said(folder: Path, where: Data | None = None, now: datetime = NOW, **changes: Any) -> str:
    project(folder, where or environment(), drill(**changes))
    return worst_case(bundle(folder), now)


def bundle(folder: Path) -> Bundle:
    return open_bundle(folder / "drills" / "throttled.yaml")


def test_what_is_down_until_when_and_who_is_paged(tmp_path: Path) -> None:
    sentence = said(tmp_path, faults=[CHURN, SILENT], limits={"duration": "30m"})
    # 30 min, a lease of 5 s, 1 min of undoing, to the next full minute
    assert sentence == "At most 1 of 4 pods down, undone by 14:32 UTC, pages ana once."


def test_shares_are_rounded_as_the_guard_rounds_them(tmp_path: Path) -> None:
    churn = {"pod-churn": {**PODS, "kill": "29%", "every": "20s"}}
    where = environment(target={"kind": "sandbox", "replicas": 16}, limits={"pods": "25%"})
    assert "At most 4 of 16 pods down," in said(
        tmp_path, where, faults=[churn, CHURN | {"name": "x"}]
    )


def test_the_only_pod_is_no_plural(tmp_path: Path) -> None:
    churn = {"pod-churn": {**PODS, "kill": "100%", "every": "20s"}}
    where = environment(target={"kind": "sandbox", "replicas": 1}, limits={"pods": "100%"})
    told = said(tmp_path, where, faults=[churn], limits={"pods": "100%", "duration": "5m"})
    assert told.startswith("At most 1 of 1 pod down,")


def test_what_faults_do_besides(tmp_path: Path) -> None:
    faults = [
        {"throttle": {**PODS, "share": "60%"}},
        {"latency": {**PODS, "share": "50%", "delay": "200ms"}},
    ]
    sentence = said(tmp_path, faults=faults)
    assert sentence.startswith("At most 60% of the requests refused and 50% of the requests 200ms")
    assert "pods" not in sentence


def test_nothing_is_broken_and_nobody_is_paged(tmp_path: Path) -> None:
    where = environment()
    where["oncall"]["policy"] = [{"page": "primary", "timeout": "1m"}]
    assert said(tmp_path, where, faults=[SILENT]) == "Breaks nothing, pages nobody."


def test_who_stands_on_two_levels_is_paged_twice(tmp_path: Path) -> None:
    where = environment()
    where["oncall"]["policy"].append({"page": "primary", "timeout": "5m"})
    where["people"]["cy"] = {"roles": ["secondary"]}
    assert said(tmp_path, where).endswith("pages ben twice and ana and cy once.")
    assert said(tmp_path / "silent", where, faults=[SILENT]).endswith("pages ana and cy once.")


def test_the_day_is_told_when_it_is_another(tmp_path: Path) -> None:
    late = datetime(2026, 11, 24, 23, 50, tzinfo=UTC)
    sentence = said(tmp_path, now=late, limits={"duration": "30m"})
    assert "undone by Wed 00:22 UTC," in sentence


def test_the_stricter_limit_counts(tmp_path: Path) -> None:
    where = environment(limits={"duration": "10m"})
    assert "undone by 14:12 UTC," in said(tmp_path, where, limits={"duration": "2h"})


def test_an_undo_that_is_played_may_take_its_own_time(tmp_path: Path) -> None:
    fault = {
        "module": "ours",
        "func": "break_it",
        "undo": {"module": "ours", "func": "mend_it"},
        "present": {"command": {"run": ["true"]}},
        "affects": {"elsewhere": "a queue"},
        "timeout": "5m",
    }
    where = environment(chaos={"modules": ["ours"]}, limits={"duration": "10m"})
    assert "a queue" in said(tmp_path, where, faults=[{"chaos": fault}])
    assert "undone by 14:17 UTC," in worst_case(bundle(tmp_path), NOW)
