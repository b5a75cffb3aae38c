"""A control plane lives while somebody holds it, and leaves nothing behind."""

import os
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest

from tests.support.controlplane import PART, OwnControlPlane, control_plane
from tests.support.controlplane.keeper import PROGRAM
from tests.support.controlplane.manifests import deployment
from tests.support.require import missing
from tests.support.sandbox import eventually

HOLDER = """
import sys
from pathlib import Path
from tests.support.controlplane import control_plane
with control_plane(Path(sys.argv[1]), sys.argv[2]) as cluster:
    print(cluster.keeper, cluster.audit_log.parent, flush=True)
    sys.stdin.read()
"""


@contextmanager
def holder(folder: Path, name: str) -> Iterator[tuple[subprocess.Popen[str], int, Path]]:
    """A process that holds a control plane; the keeper, and the folder of all that it has."""
    if not PROGRAM.exists():
        missing(PART, "it is not built (make controlplane)")
    folder.mkdir()
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder), name],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            keeper, files = process.stdout.readline().split()
            yield process, int(keeper), Path(files)
        finally:
            process.kill()


@pytest.mark.soak  # it tests what the tests use
def test_it_is_shared_and_ends_when_its_last_holder_was_killed(tmp_path: Path) -> None:
    name = f"killed-{os.getpid()}"
    with (
        holder(tmp_path / "first", name) as (first, keeper, files),
        holder(tmp_path / "second", name) as (second, same, _),
    ):
        assert same == keeper
        all_of_it = [psutil.Process(keeper), *psutil.Process(keeper).children()]
        assert len(all_of_it) == 6
        first.kill()
        ended, _ = psutil.wait_procs(all_of_it, timeout=1.0)  # twice as long as it waits alone
        assert not ended
        second.kill()
        _, alive = psutil.wait_procs(all_of_it, timeout=15)
        assert not alive
        assert not files.exists()


@pytest.mark.soak  # it tests what the tests use
def test_its_parts_do_not_outlive_a_keeper_that_was_killed(tmp_path: Path) -> None:
    with control_plane(tmp_path) as cluster:
        cluster.pause()  # what is stopped obeys no signal but one
        keeper = psutil.Process(cluster.keeper)
        parts = keeper.children()
        keeper.kill()
        _, alive = psutil.wait_procs(parts, timeout=15)
        assert not alive
        assert cluster.audit_log is not None
        left = cluster.audit_log.parent
        assert left.exists()
    second = tmp_path / "second"
    second.mkdir()
    with control_plane(second):
        assert not left.exists()  # the next one sweeps it up


def test_the_api_goes_away_and_comes_back(own_controlplane: OwnControlPlane) -> None:
    cluster = own_controlplane
    with cluster.namespace() as shop:
        cluster.stop_api()
        with pytest.raises(httpx.ConnectError):
            cluster.admin.get("/readyz")
        cluster.start_api()
        cluster.apply(deployment(replicas=2), namespace=shop)
        cluster.wait_ready(shop, 2)  # controllers and kubelet are back as well
        cluster.pause()
        with pytest.raises(httpx.TimeoutException):
            cluster.admin.get("/readyz", timeout=0.5)
        cluster.resume()
        eventually(lambda: cluster.admin.get("/readyz").is_success, 60)
        # Python 3.13 and newer are as strict by themselves.
        strict = ssl.create_default_context(cafile=str(cluster.ca))
        strict.verify_flags |= ssl.VERIFY_X509_STRICT
        assert httpx.get(f"{cluster.server}/readyz", verify=strict, trust_env=False).is_success
