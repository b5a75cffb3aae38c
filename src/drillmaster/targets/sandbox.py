"""The embedded sandbox, as a target."""

import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from pydantic import BaseModel

from drillmaster.definitions.probes import Aspect
from drillmaster.targets.base import (
    RUN,
    ActionRecord,
    Address,
    DeclinedError,
    Identity,
    Mark,
    Permission,
    Pod,
    PodsNow,
    WorkloadState,
)
from drillmaster.targets.polled import watched
from drillmaster.targets.sandbox_api import SandboxApi


@dataclass(frozen=True, slots=True)
class Effects:
    """What a fault did so far."""

    limited: int
    """Requests that it refused with 429."""
    delayed: int
    """Requests that it held for its whole delay."""
    refused: int
    """Requests that failed because of what it cut."""
    killed: list[str]
    """Pods that were killed for it."""


@dataclass(frozen=True, slots=True)
class SandboxMark(Mark):
    """A fault as the sandbox shows it."""

    effects: Effects
    lifted: str | None = None
    """How somebody lifted it since, in words; None for a fault in force."""


@dataclass(frozen=True, slots=True)
class Acted:
    """What came of an action."""

    allowed: bool
    succeeded: bool
    detail: str
    """In words; never with a secret."""
    result: dict[str, Any] = field(default_factory=dict)


class Went(BaseModel):
    """That a fault had gone before."""

    at: datetime
    by: str | None
    """Who undid it: `run`, or in words; None where they did not say, or somebody lifted it."""


class TakenOut(BaseModel):
    """What came of taking a fault out."""

    was_present: bool
    """It was in force until now."""
    residue: str | None
    """What somebody else changed meanwhile."""
    went: Went | None
    """Where it was not in force any more."""


class SandboxTarget:
    """A connection to a sandbox, as Drillmaster's own identity.

    Every method raises UnreachableError when the sandbox does not answer in time, and
    GoneError when it is provably gone.
    """

    kind = "sandbox"

    def __init__(self, address: Address, timeout: float) -> None:
        self.address = address
        self._api = SandboxApi(address, timeout)

    def refusal(self) -> str | None:
        """Why it may not be drilled; a sandbox says that it may."""
        return None if self._state()["drillable"] else "the sandbox says that it may not be drilled"

    def disposable(self) -> bool:
        """Whether simulated responders may act on it; the sandbox is made for them."""
        return bool(self._state()["disposable"])

    def stopped(self) -> str | None:
        """Who has put a stop mark on it, when and why."""
        mark = self._state()["stopped"]
        return f"{mark['by']} stopped it at {mark['since']}: {mark['why']}" if mark else None

    def names(self) -> list[str]:
        """Its namespace, its workloads and their labels."""
        state = self._state()
        labels = [
            f"{name}={value}"
            for workload in state["workloads"].values()
            for name, value in workload["labels"].items()
        ]
        return [state["namespace"], *state["workloads"], *labels]

    def hindrance(self, fault: str) -> str | None:
        """Why the identity in use could not undo a fault, in words; changes nothing."""
        try:
            self._api.operate("DELETE", f"{_fault(fault)}?dry-run=true")
        except DeclinedError as error:
            return str(error)
        return None

    def pods(self, namespace: str, labels: dict[str, str]) -> list[Pod]:
        """The pods that have all the labels, oldest first."""
        state = self._state()
        if namespace != state["namespace"]:
            return []
        return [
            Pod(pod["name"], name, workload["labels"], pod["ready"])
            for name, workload in state["workloads"].items()
            if labels.items() <= workload["labels"].items()
            for pod in workload["pods"]
        ]

    def watch(
        self, namespace: str, labels: dict[str, str], stop: threading.Event
    ) -> Iterator[PodsNow]:
        """How the pods that have all the labels stand, and then every change."""
        return watched(lambda: self.pods(namespace, labels), stop)

    def state(
        self, namespace: str, workload: str, _what: Aspect | None = None
    ) -> WorkloadState | None:
        """The workload's state; None where there is no such workload."""
        state = self._state()
        seen = state["workloads"].get(workload)
        if namespace != state["namespace"] or seen is None:
            return None
        return WorkloadState(
            desired=seen["desired"],
            ready=seen["ready"],
            throttled_share=seen["throttled_share"],
            added_delay=seen["added_delay"],
            database=seen["database"],
            rollout=seen["rollout"],
        )

    def permitted(self, who: str, action: str, namespace: str, workload: str) -> Permission:
        """What the sandbox's policy says."""
        asked = {"who": who, "action": action, "namespace": namespace, "workload": workload}
        return Permission(bool(self._api.operate("POST", "/v1/permissions", asked)["allowed"]))

    def audit(self, after: str | None) -> list[ActionRecord]:
        """What people did, oldest first, after the record with that id. What Drillmaster
        asked in a person's name is left out: the person did not do it."""
        records = self._api.operate("GET", f"/v1/audit?after={quote(after or '0')}")
        return [_record(record) for record in records if not record["check"]]

    def identity(self, who: str) -> Identity:
        """The identity that the sandbox issued to a person, `positive-control` or
        `negative-control`; without a token for anybody else."""
        return Identity(who, token=self.address["tokens"].get(who))

    def marks(self) -> Iterable[SandboxMark]:
        """The faults that are in force, of any run."""
        return [mark for mark in self._marks() if mark.lifted is None]

    def mark(self, fault: str) -> SandboxMark | None:
        """A fault that was put and not undone, be it in force or lifted by somebody."""
        return next((mark for mark in self._marks() if mark.fault == fault), None)

    def put_fault(
        self, mark: Mark, workload: str, arguments: dict[str, float | str] | None = None
    ) -> None:
        """Bring a fault in; a second call for one id does nothing.

        Args:
            mark: The fault.
            workload: What it is done to.
            arguments: `share`, `delay` (seconds), `dependency`; what its kind needs.

        Raises:
            ClosedError: the fault was undone before.
            DeclinedError: the sandbox refuses.
        """
        order = {
            "run": mark.run,
            "kind": mark.kind,
            "workload": workload,
            "expires": mark.expires.astimezone(UTC).isoformat(),
        }
        self._api.operate("PUT", _fault(mark.fault), {**order, **(arguments or {})})

    def kill(self, fault: str, pods: list[str]) -> list[str]:
        """Kill pods for a fault; the names of those that ran, and are gone now.

        Raises:
            ClosedError: the fault was undone before.
            DeclinedError: there is no such fault.
        """
        answer = self._api.operate("POST", f"{_fault(fault)}/kill", {"pods": pods})
        return list(answer["killed"])

    def delete_fault(self, fault: str) -> TakenOut:
        """Take a fault out, and have it refused from now on."""
        by = quote(self.address.get("by", RUN), safe="")
        return TakenOut.model_validate(self._api.operate("DELETE", f"{_fault(fault)}?by={by}"))

    def visit(self, path: str, patience: float = 0.0) -> tuple[int, float]:
        """Make a request such as a customer makes, waiting up to `patience` seconds more
        than for others; the status code, and the seconds that it took."""
        response = self._api.visit(path, patience)
        return response.status_code, response.elapsed.total_seconds()

    def act(
        self,
        identity: Identity,
        action: str,
        namespace: str,
        workload: str,
        parameters: dict[str, Any] | None = None,
    ) -> Acted:
        """Do something to a workload, as a person and through the door for people."""
        body = {"namespace": namespace, "workload": workload, "parameters": parameters or {}}
        path = f"/v1/actions/{quote(action, safe='')}"
        response = self._api.ask_as(identity.token, "POST", path, body)
        answer = response.json()
        if response.is_success:
            return Acted(True, True, f"{action} {workload}", answer["result"])
        allowed = response.status_code not in {401, 403}
        return Acted(allowed, False, str(answer["error"]))

    def dashboard(self, identity: Identity, workload: str) -> str | None:
        """The page that a person sees; None for a person who may not."""
        path = f"/dashboard/{quote(workload, safe='')}"
        response = self._api.ask_as(identity.token, "GET", path)
        return response.text if response.is_success else None

    def hidden(self) -> list[str]:
        """Nothing: a sandbox shows everything."""
        return []

    def claimed(self) -> str | None:
        """A sandbox is made for one run."""
        return None

    def claim(self, run: str, until: datetime) -> None:
        """A sandbox is made for one run, and no other can reach it."""

    def release(self, run: str) -> None:
        """There is no claim to give back."""

    def close(self) -> None:
        """Give the connection back."""
        self._api.close()

    def _state(self) -> dict[str, Any]:
        state: dict[str, Any] = self._api.operate("GET", "/v1/state")
        return state

    def _marks(self) -> list[SandboxMark]:
        return [
            SandboxMark(
                fault=mark["fault"],
                run=mark["run"],
                kind=mark["kind"],
                expires=datetime.fromisoformat(mark["expires"]),
                effects=Effects(**mark["effects"]),
                lifted=mark["lifted"],
            )
            for mark in self._api.operate("GET", "/v1/faults")
        ]


def _fault(fault: str) -> str:
    return f"/v1/faults/{quote(fault, safe='')}"


def _record(record: dict[str, Any]) -> ActionRecord:
    return ActionRecord(
        id=record["id"],
        at=datetime.fromisoformat(record["at"]),
        precision=record["precision"],
        who=record["who"],
        action=record["action"],
        namespace=record["namespace"],
        workload=record["workload"],
        parameters=record["parameters"],
        allowed=record["allowed"],
        succeeded=record["succeeded"],
    )
