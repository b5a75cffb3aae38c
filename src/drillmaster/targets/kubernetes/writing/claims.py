"""The claim: a Lease in each namespace, so that two stores cannot drill one staging.

It lasts as long as the run may last, and is renewed by nobody: what is claimed by a dead run
of a lost store frees itself when the marks of that run are surely stale, and before that by a
sweep.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from drillmaster.targets.base import ClaimedError
from drillmaster.targets.kubernetes.connection.api import (
    ConflictError,
    KubernetesApi,
    MissingError,
    Object,
)
from drillmaster.targets.kubernetes.objects.resources import LEASES

NAME = "drillmaster"
"""The name of the Lease."""

_TRIES = 5


class Claims:
    """The claims on some namespaces of a cluster."""

    def __init__(self, api: KubernetesApi, namespaces: Sequence[str]) -> None:
        self._api = api
        self._namespaces = namespaces

    def take(self, run: str, now: datetime, until: datetime) -> None:
        """Claim all namespaces for a run, or none.

        Raises:
            ClaimedError: another run has one of them.
        """
        taken: list[str] = []
        try:
            for namespace in self._namespaces:
                self._take(namespace, run, now, until)
                taken.append(namespace)
        except ClaimedError:
            for namespace in taken:
                self._release(namespace, run)
            raise

    def held(self, now: datetime) -> str | None:
        """Which run holds one of the namespaces, in words."""
        for namespace in self._namespaces:
            if (lease := self._read(namespace)) and (held := _held(namespace, lease, None, now)):
                return held
        return None

    def release(self, run: str) -> None:
        """Give back what a run has claimed."""
        for namespace in self._namespaces:
            self._release(namespace, run)

    def _take(self, namespace: str, run: str, now: datetime, until: datetime) -> None:
        spec = {
            "holderIdentity": run,
            "acquireTime": _micro(now),
            "renewTime": _micro(now),
            "leaseDurationSeconds": max(1, round((until - now).total_seconds())),
        }
        for _ in range(_TRIES):
            lease = self._read(namespace)
            try:
                if lease is None:
                    head = {"apiVersion": LEASES.version, "kind": LEASES.kind}
                    body = {**head, "metadata": {"name": NAME}, "spec": spec}
                    self._api.create(LEASES.path(namespace), body)
                    return
                if held := _held(namespace, lease, run, now):
                    raise ClaimedError(held)
                self._api.replace(LEASES.path(namespace, NAME), {**lease, "spec": spec})
            except ConflictError:
                continue  # somebody was faster: what they wrote is read
            return
        raise ClaimedError(f"namespace {namespace} is claimed by others again and again")

    def _release(self, namespace: str, run: str) -> None:
        lease = self._read(namespace)
        if lease is not None and _spec(lease).get("holderIdentity") == run:
            uid = lease["metadata"]["uid"]
            self._api.delete(LEASES.path(namespace, NAME), {"preconditions": {"uid": uid}})

    def _read(self, namespace: str) -> Object | None:
        try:
            return self._api.get(LEASES.path(namespace, NAME))
        except MissingError:
            return None


def _held(namespace: str, lease: Object, run: str | None, now: datetime) -> str | None:
    """Which other run holds a Lease, in words. One that does not tell how long was written by
    somebody else, and nobody knows what it is to them."""
    spec = _spec(lease)
    holder, renewed = spec.get("holderIdentity"), spec.get("renewTime")
    if not holder or holder == run or not renewed:
        return None
    try:
        began = datetime.fromisoformat(renewed).astimezone(UTC)
        until = began + timedelta(seconds=spec["leaseDurationSeconds"])
    except (KeyError, TypeError, ValueError, OverflowError):
        return (
            f"namespace {namespace} has a Lease {NAME} that does not say until when it holds; if "
            f"nobody needs it: kubectl --namespace {namespace} delete lease {NAME}"
        )
    if until <= now:
        return None
    return (
        f"namespace {namespace} is claimed by the run {holder} of another store until "
        f"{until:%H:%M:%S} UTC; if that is dead: drillmaster sweep, then "
        f"kubectl --namespace {namespace} delete lease {NAME}"
    )


def _spec(lease: Object) -> dict[str, Any]:
    spec = lease.get("spec")
    return spec if isinstance(spec, dict) else {}


def _micro(time: datetime) -> str:
    """A MicroTime, as Leases have it."""
    return f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
