"""Lines of an API server's audit log, as it writes them."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4


def record(
    verb: str = "patch",
    resource: str = "deployments",
    subresource: str = "scale",
    *,
    name: str = "checkout",
    user: str = "responder-2",
    body: Any = None,
    at: datetime | None = None,
    **changes: Any,
) -> dict[str, Any]:
    """The record of a request that took two milliseconds."""
    at = at or datetime.now(UTC)
    group = "" if resource == "pods" else "apps"
    return {
        "kind": "Event",
        "apiVersion": "audit.k8s.io/v1",
        "level": "Metadata" if body is None else "Request",
        "auditID": str(uuid4()),
        "stage": "ResponseComplete",
        "requestURI": f"/apis/apps/v1/namespaces/shop/{resource}/{name}/{subresource}",
        "verb": verb,
        "user": {"username": user, "groups": ["on-call", "system:authenticated"]},
        "objectRef": {
            "resource": resource,
            "namespace": "shop",
            "name": name,
            "apiGroup": group,
            "apiVersion": "v1",
            "subresource": subresource,
        },
        "responseStatus": {"metadata": {}, "code": 200},
        **({} if body is None else {"requestObject": body}),
        "requestReceivedTimestamp": _micro(at),
        "stageTimestamp": _micro(at + timedelta(milliseconds=2)),
        **changes,
    }


def scaled(replicas: int = 6, **changes: Any) -> dict[str, Any]:
    """The record of a scaling."""
    return record(body={"spec": {"replicas": replicas}}, **changes)


def line(told: dict[str, Any]) -> bytes:
    """The record as a line."""
    return json.dumps(told, separators=(",", ":")).encode() + b"\n"


def _micro(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S.%fZ}"
