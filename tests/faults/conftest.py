"""One target of each kind, for all tests of a file, and a store for each test."""

from collections.abc import Iterator

import pytest

from drillmaster.faults.base import FaultKind
from drillmaster.faults.registry import ANYWHERE, KINDS, kind_of
from tests.faults.cluster import KubernetesStaging
from tests.faults.stagings import SandboxStaging, Staging
from tests.support.controlplane import ControlPlane, controlplane
from tests.support.stores import store

__all__ = ["controlplane", "store"]


@pytest.fixture(scope="module")
def sandbox_staging() -> Iterator[SandboxStaging]:
    staging = SandboxStaging()
    yield staging
    staging.close()


@pytest.fixture(scope="module")
def kubernetes_staging(controlplane: ControlPlane) -> Iterator[KubernetesStaging]:
    staging = KubernetesStaging(controlplane)
    yield staging
    staging.close()


ENTRIES = [*sorted(KINDS), *((kind, "sandbox") for kind in sorted(ANYWHERE))]


@pytest.fixture(params=ENTRIES, ids="@".join)
def entry(request: pytest.FixtureRequest) -> tuple[str, str]:
    """Every line of the registry: a fault, and a kind of target."""
    return request.param  # type: ignore[no-any-return]  # as pytest has it


@pytest.fixture
def kind(entry: tuple[str, str]) -> FaultKind:
    return kind_of(*entry)


@pytest.fixture
def staging(entry: tuple[str, str], request: pytest.FixtureRequest) -> Iterator[Staging]:
    """The target of the entry, without any fault; all faults are undone afterwards."""
    found: Staging = request.getfixturevalue(f"{entry[1]}_staging")
    found.restore()
    yield found
    for mark in list(found.target.marks()):
        left = found.fault(mark.kind).model_copy(update={"id": mark.fault})
        kind_of(mark.kind, found.target.kind).undo(left, found.target, "injected")
    found.restore()
