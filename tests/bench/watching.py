"""From the death of a pod of a real cluster to our telling of it."""

import statistics
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench.figure import Figure
from tests.support.cluster import connected, drillable
from tests.support.controlplane import ControlPlane, control_plane
from tests.support.controlplane.manifests import deployment
from tests.support.watched import watching


def figures(folder: Path, turns: int = 20) -> Iterator[Figure]:
    """Delete so many pods, one after another, and wait for each to be told."""
    with control_plane(folder) as cluster:
        took = sorted(_deaths(cluster, turns))
    yield Figure(f"death of a pod told ({turns} pods), median", statistics.median(took), goal=0.1)
    yield Figure(f"death of a pod told ({turns} pods), worst", took[-1])


def _deaths(cluster: ControlPlane, turns: int) -> Iterator[float]:
    with drillable(cluster) as namespace, connected(cluster, namespace) as target:
        cluster.apply(deployment(replicas=4), namespace=namespace)
        cluster.wait_ready(namespace, 4)
        with watching(target, namespace, {"app": "checkout"}) as seen:
            for _ in range(turns):
                seen.await_ready(4)
                pod = cluster.ready(namespace)[0]
                began = time.monotonic()
                cluster.admin.delete(f"/api/v1/namespaces/{namespace}/pods/{pod}")
                told = seen.await_word(f"{pod} is gone")
                yield seen.at[seen.told.index(told)] - began
