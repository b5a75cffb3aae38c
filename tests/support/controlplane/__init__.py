"""A real Kubernetes control plane for tests: fixtures.

Import them in a conftest.py: `from tests.support.controlplane import controlplane`.
`make controlplane` builds it. DRILLMASTER_TEST_KUBECONFIG names a kubeconfig file of an
administrator of another cluster, which is used instead: it must be one that may be broken.
"""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.controlplane.cluster import ControlPlane, OwnControlPlane
from tests.support.controlplane.identity import of_kubeconfig
from tests.support.controlplane.keeper import PART, PROGRAM, Keeper
from tests.support.require import missing

NAMED = "DRILLMASTER_TEST_KUBECONFIG"


@pytest.fixture(scope="session")
def controlplane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """A control plane that all workers share: keep to namespaces, nodes and people of your own."""
    folder = tmp_path_factory.mktemp("controlplane")
    named = os.environ.get(NAMED)
    if named:
        shared = ControlPlane(of_kubeconfig(Path(named), folder), folder, None)
        yield shared
        shared.close()
        return
    with control_plane(folder, os.environ.get("PYTEST_XDIST_TESTRUNUID")) as ours:
        yield ours


@pytest.fixture
def own_controlplane(tmp_path: Path) -> Iterator[OwnControlPlane]:
    """A control plane of one test, which may take its API away."""
    folder = tmp_path / "controlplane"
    folder.mkdir()
    with control_plane(folder) as own:
        yield own


@contextmanager
def control_plane(folder: Path, name: str | None = None) -> Iterator[OwnControlPlane]:
    """A control plane for the block, shared by all who give it the same name."""
    if not PROGRAM.exists():
        missing(PART, f"it is not built (make controlplane), nor does {NAMED} name a cluster")
    with Keeper(name or secrets.token_hex(8)) as keeper:
        admin = of_kubeconfig(Path(keeper.news["kubeconfig"]), folder)
        own = OwnControlPlane(admin, folder, keeper)
        try:
            yield own
        finally:
            own.close()


__all__ = ["NAMED", "PART", "ControlPlane", "OwnControlPlane", "control_plane"]
__all__ += ["controlplane", "own_controlplane"]
