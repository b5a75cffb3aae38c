"""Whatever stands in the annotations and Leases of a cluster, it is told and never a bug."""

import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from drillmaster.faults.registry import MarkError, injection_of
from drillmaster.targets.kubernetes.connection.api import KubernetesApi
from drillmaster.targets.kubernetes.objects.resources import MARKED
from drillmaster.targets.kubernetes.writing.claims import Claims
from drillmaster.targets.kubernetes.writing.marks import Where, key_of, marks_of, spoiled_of
from tests.support.target import MemoryTarget

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)
GOOD: dict[str, Any] = {
    "fault": "r1-f",
    "run": "r1",
    "kind": "scale",
    "expires": "2026-01-01T00:00:00+00:00",
    "arguments": {"namespace": "shop", "selector": "app=checkout", "to": 1},
    "created": False,
    "changes": [{"path": ["spec", "replicas"], "before": 4, "ours": 1, "made": 0}],
    "namespaces": [],
    "uid": "u",
}
TIMES = st.sampled_from(["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "2026-01-01"])
KINDS = st.sampled_from(["scale", "pod-churn", "node-drain", "config-break", "latency", "chaos"])
EDITS = st.dictionaries(st.sampled_from(sorted(GOOD)), JSON | TIMES | KINDS, max_size=3)


@given(
    text=st.text() | JSON.map(json.dumps) | EDITS.map(lambda edit: json.dumps(GOOD | edit)),
    resource=st.sampled_from(MARKED),
)
def test_any_annotation_is_read_or_told(text: str, resource: Any) -> None:
    metadata = {"name": "x", "namespace": "shop", "annotations": {key_of("r1-f"): text}}
    thing = {"metadata": metadata}
    marks = marks_of(thing)
    assert len(marks) + len(spoiled_of(thing)) == 1
    for mark in marks:
        found = type(mark)(
            **{name: getattr(mark, name) for name in mark.__dataclass_fields__}
            | {"where": Where.of(resource, thing)}
        )
        assert found.expires.astimezone(UTC)
        with suppress(MarkError):  # the one answer beside an injection
            assert injection_of(found, MemoryTarget(kind="kubernetes")).id == "r1-f"


class _Leases(KubernetesApi):
    """Answers with one Lease."""

    def __init__(self, lease: Any) -> None:
        self.lease = lease

    def get(self, path: str, **_: str) -> Any:  # there is one
        return self.lease


@given(
    spec=JSON
    | st.fixed_dictionaries(
        {"holderIdentity": JSON | st.just("me"), "renewTime": JSON | TIMES},
        optional={"leaseDurationSeconds": JSON},
    )
)
def test_any_lease_is_told(spec: Any) -> None:
    claims = Claims(_Leases({"metadata": {"uid": "u"}, "spec": spec}), ["shop"])
    held = claims.held(datetime.now(UTC))
    assert held is None or held.startswith("namespace shop ")
