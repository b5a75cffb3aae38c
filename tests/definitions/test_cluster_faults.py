"""Faults on objects of a cluster, as they are written."""

from typing import Any

import pytest
from pydantic import ValidationError

from drillmaster.definitions.faults import Fault

CONFIG = {"namespace": "shop", "secret": "checkout", "key": "password", "how": "remove"}
CUT = {"namespace": "shop", "selector": "app=checkout"}


@pytest.mark.parametrize(
    ("kind", "body", "why"),
    [
        ("network-cut", CUT | {"selector": ""}, "selector"),
        ("network-cut", CUT | {"namespace": ""}, "namespace"),
        ("network-cut", CUT | {"direction": "outwards"}, "direction"),
        ("config-break", CONFIG | {"config_map": "settings"}, "secret and config_map given"),
        ("config-break", CONFIG | {"secret": None}, "none given"),
        ("config-break", CONFIG | {"secret": "Not_A_Name"}, "secret"),
        ("config-break", CONFIG | {"key": "a" * 237}, "key"),
        ("config-break", CONFIG | {"key": "a/b"}, "key"),
        ("config-break", CONFIG | {"how": "garble"}, "how"),
        ("quota-exhaustion", {"namespace": "shop", "pods": -1}, "pods"),
        ("throttle", CUT | {"share": "150%"}, "share"),
    ],
)
def test_what_is_no_fault(kind: str, body: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        Fault.model_validate({kind: body})


@pytest.mark.parametrize(
    ("kind", "body", "does", "reach"),
    [
        (
            "network-cut",
            CUT | {"direction": "egress"},
            "cuts all traffic from the pods app=checkout in shop off",
            "all traffic from the pods app=checkout in shop cut off",
        ),
        (
            "config-break",
            CONFIG,
            "removes password of Secret checkout in shop",
            "password of Secret checkout removed",
        ),
        (
            "config-break",
            CONFIG | {"secret": None, "config_map": "c", "key": "ca.crt", "how": "expire"},
            "lets the certificate expire under ca.crt of ConfigMap c in shop",
            "ca.crt of ConfigMap c expired",
        ),
        (
            "quota-exhaustion",
            {"namespace": "shop"},
            "admits not one pod to shop beyond those that it has now",
            "not one pod more admitted to shop",
        ),
        (
            "quota-exhaustion",
            {"namespace": "shop", "pods": 2},
            "admits 2 pods to shop beyond those that it has now",
            "2 pods more admitted to shop",
        ),
    ],
)
def test_what_a_fault_does_is_said_in_the_plan(
    kind: str, body: dict[str, Any], does: str, reach: str
) -> None:
    fault = Fault.model_validate({kind: body}).body
    assert (fault.does, fault.reach, fault.takes_down) == (does, reach, 0.0)
