"""The proxy: real requests are served, refused and held."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from itertools import count
from typing import Any

import httpx
import psutil
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.support.sandbox import Running, eventually, sandbox

FRESH = count()


@pytest.fixture(scope="module")
def shared() -> Iterator[Running]:
    with sandbox() as running:
        yield running


@pytest.fixture
def running(shared: Running) -> Iterator[Running]:
    eventually(shared.ready)
    yield shared
    for mark in shared.operate("GET", "/v1/faults").json():
        shared.operate("DELETE", f"/v1/faults/{mark['fault']}")


def put(running: Running, kind: str, **arguments: Any) -> str:
    fault = f"r1-{kind}-{next(FRESH)}"
    order = {"run": "r1", "kind": kind, "workload": "checkout", "expires": "2030-01-01T00:00:00Z"}
    response = running.operate("PUT", f"/v1/faults/{fault}", {**order, **arguments})
    assert response.status_code == 201, response.text
    return fault


def effects(running: Running, fault: str) -> dict[str, Any]:
    marks = running.operate("GET", "/v1/faults").json()
    found: dict[str, Any] = next(mark["effects"] for mark in marks if mark["fault"] == fault)
    return found


def codes(running: Running, requests: int, path: str = "/checkout") -> list[int]:
    return [running.shop.get(path).status_code for _ in range(requests)]


def test_replicas_take_turns(running: Running) -> None:
    pods = Counter(running.shop.get("/checkout").json()["pod"] for _ in range(12))
    assert sorted(pods.values()) == [3, 3, 3, 3]
    assert set(pods) == {pod["name"] for pod in running.workload()["pods"]}


def test_the_service_reads_its_database(running: Running) -> None:
    answer = running.shop.get("/checkout?basket=7").json()
    assert (answer["database"], answer["stock"]) == ("primary", "120")


def test_what_a_replica_answers_is_handed_on(running: Running) -> None:
    assert running.shop.get("/healthz").json()["status"] == "ok"
    assert running.shop.get("/nowhere").status_code == 404
    head = running.shop.head("/checkout")
    assert (head.status_code, head.content) == (200, b"")
    posted = running.shop.post("/checkout", content=b"x" * 100_000)
    assert posted.status_code == 200


def test_many_customers_at_once_are_all_served(running: Running) -> None:
    seen: list[int] = []

    def shop() -> None:
        with httpx.Client(base_url=running.address["proxy"], trust_env=False) as client:
            seen.extend(client.get("/checkout").status_code for _ in range(20))

    customers = [threading.Thread(target=shop) for _ in range(8)]
    for customer in customers:
        customer.start()
    for customer in customers:
        customer.join()
    assert Counter(seen) == {200: 160}


def test_a_frozen_replica_is_answered_504_and_the_others_go_on(running: Running) -> None:
    frozen = psutil.Process(running.workload()["pods"][0]["pid"])
    frozen.suspend()
    try:
        seen = [running.shop.get("/healthz").status_code for _ in range(4)]
    finally:
        frozen.resume()
    assert Counter(seen) == {200: 3, 504: 1}


def test_without_any_replica_the_proxy_says_so() -> None:
    with sandbox(replicas=1, restart=0.5) as running:
        fault = put(running, "pod-churn")
        (pod,) = running.workload()["pods"]
        killed = running.operate("POST", f"/v1/faults/{fault}/kill", {"pods": [pod["name"]]})
        assert killed.json() == {"killed": [pod["name"]]}
        assert running.shop.get("/healthz").status_code == 503
        eventually(lambda: running.ready(1))
        assert running.shop.get("/healthz").status_code == 200


@pytest.mark.parametrize(
    ("share", "refused"), [(0.6, 30), (0.25, 12), (0.01, 0), (1.0, 50), (0, 0)]
)
def test_a_throttle_refuses_exactly_its_share(running: Running, share: float, refused: int) -> None:
    fault = put(running, "throttle", share=share)
    assert running.workload()["throttled_share"] == share
    assert Counter(codes(running, 50))[429] == refused
    assert effects(running, fault)["limited"] == refused
    running.operate("DELETE", f"/v1/faults/{fault}")
    assert codes(running, 10) == [200] * 10


def test_a_refused_request_says_when_to_come_again(running: Running) -> None:
    put(running, "throttle", share=1.0)
    response = running.shop.get("/healthz")
    assert (response.status_code, response.headers["retry-after"]) == (429, "1")


def test_throttles_add_up(running: Running) -> None:
    put(running, "throttle", share=0.5)
    second = put(running, "throttle", share=0.5)
    assert running.workload()["throttled_share"] == 0.75
    assert Counter(codes(running, 40)) == {429: 30, 200: 10}
    assert effects(running, second)["limited"] == 10


def test_latencies_hold_requests_and_add_up(running: Running) -> None:
    first = put(running, "latency", share=1.0, delay=0.1)
    second = put(running, "latency", share=0.5, delay=0.2)
    assert running.workload()["added_delay"] == pytest.approx(0.3)
    took = []
    for _ in range(4):
        began = time.monotonic()
        assert running.shop.get("/checkout").status_code == 200
        took.append(time.monotonic() - began)
    assert [seconds >= 0.1 for seconds in took] == [True] * 4
    assert sum(seconds >= 0.3 for seconds in took) >= 2
    assert (effects(running, first)["delayed"], effects(running, second)["delayed"]) == (4, 2)


def test_an_undo_lets_held_requests_go(running: Running) -> None:
    fault = put(running, "latency", share=1.0, delay=30)
    seen: list[int] = []
    customer = threading.Thread(target=lambda: seen.extend(codes(running, 1)))
    customer.start()
    time.sleep(0.1)
    running.operate("DELETE", f"/v1/faults/{fault}")
    customer.join(2.0)
    assert seen == [200]


def test_a_cut_database_is_the_service_s_503(running: Running) -> None:
    before = running.shop.get("/checkout").status_code
    fault = put(running, "unreachable-dependency", dependency="database-primary")
    assert running.workload()["database"] == "unreachable"
    response = running.shop.get("/checkout")
    assert (before, response.status_code) == (200, 503)
    assert response.json()["error"] == "the database cannot be reached"
    assert running.shop.get("/healthz").status_code == 200
    assert effects(running, fault)["refused"] == 1
    running.operate("DELETE", f"/v1/faults/{fault}")
    assert codes(running, 8) == [200] * 8


def test_metrics_are_prometheus_text(running: Running) -> None:
    def read() -> dict[tuple[str, str], float]:
        page = running.shop.get("/metrics")
        assert page.headers["content-type"].startswith("text/plain; version=0.0.4")
        return {
            (sample.name, sample.labels.get("code", "")): sample.value
            for family in text_string_to_metric_families(page.text)
            for sample in family.samples
        }

    before = read()
    put(running, "throttle", share=0.5)
    codes(running, 10)
    after = read()
    grown = {key: after[key] - before.get(key, 0) for key in after}
    assert grown["shop_requests_total", "200"] == 5
    assert grown["shop_requests_total", "429"] == 5
    assert grown["shop_limited_total", ""] == 5
    assert after["shop_replicas_ready", ""] == 4


def test_a_customer_notices_no_kill(running: Running) -> None:
    fault = put(running, "pod-churn")
    seen: Counter[int] = Counter()
    slowest = 0.0
    for turn in range(60):
        if turn % 20 == 0:
            oldest = next(pod["name"] for pod in running.workload()["pods"] if pod["ready"])
            running.operate("POST", f"/v1/faults/{fault}/kill", {"pods": [oldest]})
        began = time.monotonic()
        seen[running.shop.get("/checkout").status_code] += 1
        slowest = max(slowest, time.monotonic() - began)
        time.sleep(0.01)
    assert seen == {200: 60}
    assert slowest < 3.0
    assert len(effects(running, fault)["killed"]) == 3
