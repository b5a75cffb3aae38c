"""Access checks of one person at a real API server, beside `kubectl auth can-i`.

One check is three questions, because both controls are asked as well. kubectl asks one, and
starts a process for it.
"""

import itertools
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from urllib.parse import urlsplit

import yaml

from drillmaster.access.checks import run_profile
from drillmaster.access.identities import Controls
from drillmaster.clock import SteadyClock
from drillmaster.definitions.access import AccessProfile
from drillmaster.probes.base import Asking
from drillmaster.targets.base import Identity
from drillmaster.targets.kubernetes.target import KubernetesTarget
from tests.bench.figure import Figure
from tests.bench.turns import Take, command, medians
from tests.support.controlplane import ControlPlane, control_plane
from tests.support.controlplane.keeper import KUBECTL, PROGRAM
from tests.support.controlplane.people import Rule
from tests.support.delay import far_away

CHECKS = 500
SAMPLE = 10
"""How many of them kubectl is asked in each turn: its time for one does not depend on the rest."""

ROUND_TRIP = 0.025
"""Seconds that the proxy adds to an answer."""

WHO = "responder-2"
EVERYTHING: Rule = {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}
CONTROLS = Controls(Identity("positive-control"), Identity("negative-control"))


def figures(folder: Path, turns: int = 5, checks: int = CHECKS) -> Iterator[Figure]:
    """A check on the local server and through the proxy, and the requests that it takes."""
    if not (PROGRAM.exists() and KUBECTL.exists()):
        print("no control plane is built: make controlplane", file=sys.stderr)
        return
    with ExitStack() as stack:
        plane = stack.enter_context(control_plane(folder))
        shops = [stack.enter_context(plane.namespace()) for _ in range(2)]
        for shop in shops:
            plane.grant("secondary", shop, EVERYTHING)
        where = urlsplit(plane.server)
        proxy = stack.enter_context(far_away(where.hostname or "", where.port or 443, ROUND_TRIP))
        profile = profile_of(checks, shops)
        for place, port, goal in (("local", where.port, 0.025), ("25 ms away", proxy, 0.0166)):
            bench = Bench(plane, folder, port or 443, profile, shops)
            ours, peer = medians(turns, bench.ours, bench.kubectl)
            what = f"an access check of {checks}, {place} | kubectl auth can-i"
            yield Figure(what, ours / checks, peer / SAMPLE, goal)
            yield Figure(
                f"requests a check, {place}", bench.requests / checks, goal=0.5, unit="count"
            )


def profile_of(checks: int, namespaces: list[str]) -> AccessProfile:
    """So many checks, no two of them alike."""
    verbs = ("get", "list", "patch", "delete", "create")
    resources = (("pods", ""), ("deployments", "apps"), ("configmaps", ""), ("secrets", ""))
    names = [f"checkout-{number}" for number in range(checks)]
    asked = itertools.product(names, namespaces, resources, verbs)
    written = [
        {
            "name": f"check {number}",
            "kubernetes": {
                "verb": verb,
                "resource": resource,
                "group": group,
                "timeout": "30s",
                "namespace": namespace,
                "name": name,
            },
        }
        for number, (name, namespace, (resource, group), verb) in enumerate(
            itertools.islice(asked, checks)
        )
    ]
    head = {"schema": "drillmaster/v1", "kind": "access", "name": "many"}
    return AccessProfile.model_validate(head | {"checks": written})


class Bench:
    """One way to the API server, by which both are measured."""

    def __init__(
        self,
        plane: ControlPlane,
        folder: Path,
        port: int,
        profile: AccessProfile,
        namespaces: list[str],
    ) -> None:
        self.requests = 0
        """What the last turn took."""
        self._profile = profile
        self._file = _by_port(plane.kubeconfig("admin"), folder / f"port-{port}.kubeconfig", port)
        self._address = {
            "kind": "kubernetes",
            "context": plane.context("admin"),
            "kubeconfig": str(self._file),
            "namespaces": namespaces,
        }
        environment = {"KUBECONFIG": str(self._file), "HOME": str(folder)}
        self._commands: list[Take] = [
            command([KUBECTL, *_can_i(check.body)], folder, environment)
            for check in profile.checks[:: max(1, len(profile.checks) // SAMPLE)][:SAMPLE]
        ]

    def ours(self) -> float:
        """Seconds for all checks, the connection included."""
        began = time.perf_counter()
        with closing(KubernetesTarget(self._address, 30.0)) as target:
            counted: list[object] = []
            target.api._client.event_hooks["request"] = [counted.append]
            asking = Asking(SteadyClock(), target)
            events = list(run_profile(self._profile, Identity(WHO), CONTROLS, asking))
        took = time.perf_counter() - began
        assert [event.answer for event in events if event.subject == "person"] == (
            ["allowed"] * len(self._profile.checks)
        )
        self.requests = len(counted)
        return took

    def kubectl(self) -> float:
        """Seconds for the sample, one after another."""
        return sum(take() for take in self._commands)


def _can_i(probe: object) -> list[str]:
    asked = {name: getattr(probe, name) for name in ("verb", "resource", "group", "name")}
    group = f".{asked['group']}" if asked["group"] else ""
    what = f"{asked['resource']}{group}/{asked['name']}"
    options = [f"--namespace={getattr(probe, 'namespace', '')}", f"--as={WHO}", "--quiet"]
    return ["auth", "can-i", asked["verb"], what, *options]


def _by_port(kubeconfig: Path, to: Path, port: int) -> Path:
    config = yaml.safe_load(kubeconfig.read_text(encoding="utf-8"))
    config["clusters"][0]["cluster"]["server"] = f"https://127.0.0.1:{port}"
    to.write_text(yaml.safe_dump(config), encoding="utf-8")
    return to
