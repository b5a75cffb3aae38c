"""Workloads with too little of a processor, or of memory."""

from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drillmaster.targets.base import DeclinedError
from drillmaster.targets.kubernetes.objects.quantities import amount
from tests.support.cluster_shops import Shop, shop
from tests.support.controlplane import ControlPlane
from tests.support.controlplane.manifests import deployment
from tests.support.sandbox import eventually

REQUESTS = {"cpu": "500m", "memory": "32Mi"}


@pytest.fixture
def checkout(controlplane: ControlPlane) -> Iterator[Shop]:
    """A Deployment with requests, and a limit of memory."""
    manifest = deployment(replicas=2)
    (container,) = manifest["spec"]["template"]["spec"]["containers"]
    container["resources"] = {"requests": REQUESTS, "limits": {"memory": "1Gi"}}
    with shop(controlplane) as found:
        found.put(manifest)
        yield found


def resources(found: Shop) -> dict[str, Any]:
    (container,) = found.get()["spec"]["template"]["spec"]["containers"]
    told: dict[str, Any] = container["resources"]
    return told


def test_limits_come_down_and_with_them_requests_that_would_be_above(checkout: Shop) -> None:
    before, fault = checkout.all(), checkout.fault("resource-throttle", cpu="50m", memory="64Mi")
    fault.inject()
    assert resources(checkout) == {
        "limits": {"cpu": "50m", "memory": "64Mi"},
        "requests": {"cpu": "50m", "memory": "32Mi"},
    }
    eventually(lambda: checkout.get()["status"].get("updatedReplicas") == 2)
    assert fault.effect() is None  # that it is stored shows nothing of what it does
    assert fault.undo().was_present
    assert checkout.all() == before
    eventually(lambda: checkout.ready() == 2)


def test_a_workload_without_resources_has_none_again(controlplane: ControlPlane) -> None:
    with shop(controlplane) as found:
        found.put(deployment(replicas=1))
        fault = found.fault("resource-throttle", cpu="50m", memory="64Mi")
        fault.inject()
        fault.undo()
        assert resources(found) == {}


def test_a_part_that_somebody_changed_stays_and_the_rest_is_given_back(checkout: Shop) -> None:
    fault = checkout.fault("resource-throttle", cpu="50m", memory="64Mi")
    fault.inject()

    def more(thing: dict[str, Any]) -> None:
        (container,) = thing["spec"]["template"]["spec"]["containers"]
        container["resources"]["limits"]["cpu"] = "2"

    checkout.controlplane.rewrite(checkout.path(), more)
    assert fault.present()
    done = fault.undo()
    assert done.was_present
    assert "resources.limits.cpu is '2' by now" in (done.residue or "")
    assert resources(checkout) == {"limits": {"cpu": "2", "memory": "1Gi"}, "requests": REQUESTS}


@pytest.mark.parametrize("memory", ["1Gi", "1024Mi", "2G"])
def test_what_would_be_no_throttle_is_declined(checkout: Shop, memory: str) -> None:
    with pytest.raises(DeclinedError, match="has a limit of 1Gi memory already"):
        checkout.fault("resource-throttle", memory=memory).inject()


SUFFIXES = {"": 1, "k": 10**3, "M": 10**6, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30}


@given(st.integers(0, 10**9), st.integers(0, 3), st.sampled_from(sorted(SUFFIXES)))
def test_a_quantity_is_read_exactly(number: int, places: int, suffix: str) -> None:
    written = f"{number / 10**places:.{places}f}{suffix}" if number < 10**6 else f"{number}{suffix}"
    value = Fraction(number, 10**places if number < 10**6 else 1)
    assert amount(written) == value * SUFFIXES[suffix]


@given(st.integers(0, 10**6))
def test_milli_is_a_thousandth(number: int) -> None:
    assert amount(f"{number}m") == Fraction(number, 1000)
    assert amount(f"{number}e3") == number * 1000


@given(st.text(max_size=8))
def test_every_text_is_a_quantity_or_declined(text: str) -> None:
    with suppress(DeclinedError):
        assert isinstance(amount(text), Fraction)


@pytest.mark.parametrize("text", ["", "x", "Mi", "1Q", "1 2", "inf", "nan"])
def test_what_is_no_quantity_is_told(text: str) -> None:
    with pytest.raises(DeclinedError, match="is no quantity"):
        amount(text)
