"""A real sandbox for tests, on free ports; it ends with the `with` block."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import psutil

from drillmaster.clock import Anchor
from drillmaster.sandbox.given import ACTIONS, issue
from drillmaster.sandbox.launch import Hold, hold, launch, wait_until_gone
from drillmaster.targets.base import Address
from drillmaster.targets.sandbox import SandboxTarget

GRANTS: Mapping[str, Sequence[str]] = {
    "responder-2": list(ACTIONS),
    "responder-3": ["view"],
    "responder-4": [],
}
"""Somebody who may do all, somebody who may look, and somebody who may do nothing."""


@dataclass(frozen=True)
class Running:
    """A sandbox that runs."""

    address: Address
    hold: Hold
    target: SandboxTarget
    shop: httpx.Client
    """A customer's connection, to the proxy."""
    admin: httpx.Client
    """A connection to the admin API, without a token."""

    def bearer(self, who: str | None = None) -> dict[str, str]:
        """The header of a person, or of the operator."""
        token = self.address["tokens"][who] if who else self.address["token"]
        return {"Authorization": f"Bearer {token}"}

    def operate(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """A request as the operator."""
        return self.admin.request(method, path, json=body, headers=self.bearer())

    def act(
        self, who: str, action: str, parameters: Mapping[str, Any] | None = None
    ) -> httpx.Response:
        """An action on the workload, as a person."""
        body = {"namespace": "shop", "workload": "checkout", "parameters": parameters or {}}
        return self.admin.post(f"/v1/actions/{action}", json=body, headers=self.bearer(who))

    def workload(self) -> dict[str, Any]:
        """The workload's state, as the API shows it."""
        workload: dict[str, Any] = self.operate("GET", "/v1/state").json()["workloads"]["checkout"]
        return workload

    def ready(self, replicas: int = 4) -> bool:
        """Whether exactly so many replicas are there, and all are ready."""
        pods = self.workload()["pods"]
        return len(pods) == replicas and all(pod["ready"] for pod in pods)

    def processes(self) -> list[psutil.Process]:
        """The host, the nursery, the replicas and the databases."""
        host = psutil.Process(self.address["process"]["pid"])
        return [host, *host.children(recursive=True)]


@contextmanager
def sandbox(
    grants: Mapping[str, Sequence[str]] = GRANTS,
    *,
    run: str = "r1",
    replicas: int = 4,
    restart: float = 0.1,
    timeout: float = 4.0,
    environment: str = "",
    told: Mapping[str, Any] | None = None,
) -> Iterator[Running]:
    """Start a sandbox and hold it; `told` are further settings of it."""
    settings = issue(run, Anchor.here(), grants, replicas, restart, environment=environment)
    address = launch(settings.model_copy(update=dict(told or {})))
    with (
        hold(address) as held,
        httpx.Client(base_url=address["proxy"], trust_env=False, timeout=10) as shop,
        httpx.Client(base_url=address["admin"], trust_env=False, timeout=10) as admin,
    ):
        target = SandboxTarget(address, timeout)
        try:
            yield Running(address, held, target, shop, admin)
        finally:
            target.close()
    assert wait_until_gone(address, 5.0)


def eventually(holds: Callable[[], Any], seconds: float = 30.0) -> float:
    """Wait until it holds; the seconds that it took."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < seconds, "it did not come true in time"
        time.sleep(0.01)
    return time.monotonic() - began


def all_gone(processes: Sequence[psutil.Process]) -> bool:
    """Whether none of these processes runs any more. A zombie does not: it waits for a
    parent that is none of ours."""
    return not any(
        process.is_running() and process.status() != psutil.STATUS_ZOMBIE
        for process in processes
        if psutil.pid_exists(process.pid)
    )
