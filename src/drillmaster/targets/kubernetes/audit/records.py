"""One line of the audit log: what a person did, if it says that one did something.

Records of requests in somebody else's name, of dry runs, and of what is not over yet are nobody's
act. Whatever is wrong with a line, it is no record, and never an error.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlsplit

from drillmaster.targets.kubernetes.audit.deeds import Deed, Request, deed_of


@dataclass(frozen=True, slots=True)
class Record:
    """What somebody did, or was not allowed to do."""

    id: str
    """`auditID`, which the client may choose, and a digest of what was asked, by whom, when and
    with what answer: no two requests share it."""
    user: str
    at: datetime
    """The middle of the time that the request took."""
    precision: float
    """Seconds; half of that time."""
    namespace: str
    name: str
    """The object's name, as in the record: of a workload, or of a pod."""
    deed: Deed
    code: int
    """The status code of the answer."""

    @property
    def allowed(self) -> bool:
        """Whether the authorisers let it pass."""
        return self.code not in {401, 403}

    @property
    def succeeded(self) -> bool:
        """Whether it was done."""
        return 200 <= self.code < 300


def read(line: bytes) -> Record | None:
    """The record in a line; None for one that tells of no act on a workload, or of none that
    counts."""
    try:
        told = json.loads(line)
        return _record(told) if _counts(told) else None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError):
        return None


def _counts(told: Mapping[str, Any]) -> bool:
    return (
        told["stage"] == "ResponseComplete"
        and not told.get("impersonatedUser")
        and "dryRun" not in parse_qs(urlsplit(told["requestURI"]).query, keep_blank_values=True)
    )


def _record(told: Mapping[str, Any]) -> Record | None:
    ref = told["objectRef"]
    begun, ended = (_time(told[key]) for key in ("requestReceivedTimestamp", "stageTimestamp"))
    request = Request(
        verb=_text(told["verb"]),
        group=_text(ref.get("apiGroup", "")),
        resource=_text(ref["resource"]),
        subresource=_text(ref.get("subresource", "")),
        body=told.get("requestObject"),
        has_body=told["level"] in ("Request", "RequestResponse"),
        at=begun,
    )
    deed = deed_of(request)
    if deed is None or not ref.get("name") or not ref.get("namespace"):
        return None
    half = max(ended - begun, timedelta()) / 2
    return Record(
        id=f"{_text(told['auditID'])}.{_digest(told)}",
        user=_text(told["user"]["username"]),
        at=begun + half,
        precision=half.total_seconds(),
        namespace=_text(ref["namespace"]),
        name=_text(ref["name"]),
        deed=deed,
        code=int(told["responseStatus"]["code"]),
    )


def _digest(told: Mapping[str, Any]) -> str:
    user, code = told["user"]["username"], told["responseStatus"]["code"]
    asked = [told[key] for key in ("verb", "requestURI", "objectRef")]
    when = [told[key] for key in ("requestReceivedTimestamp", "stageTimestamp")]
    text = json.dumps([user, code, *asked, *when], sort_keys=True)
    return sha256(text.encode()).hexdigest()[:16]


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _time(value: str) -> datetime:
    time = datetime.fromisoformat(value)
    if time.tzinfo is None:
        raise ValueError(value)
    return time
