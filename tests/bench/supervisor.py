"""What it costs to be ready for a cluster: the supervisor, which never imports chaosk8s, beside a
process that does."""

import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.bench.figure import Figure
from tests.bench.turns import command, medians

_SAY = "; import resource as r; print(r.getrusage(r.RUSAGE_SELF).ru_maxrss / 1024)"

_CONFIG = """\
apiVersion: v1
kind: Config
current-context: staging
clusters: [{name: c, cluster: {server: "https://staging.invalid:6443"}}]
users: [{name: u, user: {token: t}}]
contexts: [{name: staging, context: {cluster: c, user: u}}]
"""

_OURS = """\
import drillmaster.engine.drill.supervisor
from drillmaster.targets.registry import connect
there = {"kind": "kubernetes", "context": "staging", "kubeconfig": "config"}
connect({**there, "namespaces": ["shop"]})
"""
_PEER = """\
import chaosk8s, chaosk8s.node.actions, chaosk8s.pod.actions
chaosk8s.create_k8s_api_client({"KUBERNETES_CONTEXT": "staging"})
"""


def figures(folder: Path, turns: int = 7) -> Iterator[Figure]:
    """Import and connect; nothing is sent."""
    (folder / "config").write_text(_CONFIG, encoding="utf-8")
    environment = {"KUBECONFIG": str(folder / "config"), "PATH": "/usr/bin"}
    pair = [[sys.executable, "-c", text] for text in (_OURS, _PEER)]
    ours, peer = medians(turns, *(command(one, folder, environment) for one in pair))
    what = "supervisor, connected to a cluster | chaosk8s"
    yield Figure(f"{what}: start", ours, peer, goal=1.0)
    ours, peer = (_memory(text, folder, environment, turns) for text in (_OURS, _PEER))
    yield Figure(f"{what}: memory", ours, peer, goal=1.0, unit="MiB")


def _memory(text: str, folder: Path, environment: dict[str, str], turns: int) -> float:
    """The most that it had at one time, MiB."""
    program = [sys.executable, "-c", text.rstrip() + "\n" + _SAY.removeprefix("; ")]
    told = (
        subprocess.run(
            program, cwd=folder, env=environment, check=True, capture_output=True, text=True
        ).stdout
        for _ in range(turns)
    )
    return statistics.median(map(float, told))
