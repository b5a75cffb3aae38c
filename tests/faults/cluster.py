"""A namespace of a real cluster, on which every fault can be tried."""

import time
from contextlib import ExitStack
from itertools import count
from typing import Any

from drillmaster.faults.base import Injection
from drillmaster.targets.kubernetes.target import KubernetesTarget
from tests.support.cluster import as_it_was, connected, drillable
from tests.support.controlplane import ControlPlane
from tests.support.controlplane.manifests import deployment
from tests.support.sandbox import eventually


class KubernetesStaging:
    """A Deployment of four pods, in a namespace of its own."""

    ARGUMENTS: dict[str, dict[str, Any]] = {
        "pod-churn": {"kill": "50%", "every": "1s"},
    }

    def __init__(self, controlplane: ControlPlane) -> None:
        self._controlplane = controlplane
        self._number = count()
        self._open = ExitStack()
        self.namespace = self._open.enter_context(drillable(controlplane))
        self.target: KubernetesTarget = self._open.enter_context(
            connected(controlplane, self.namespace)
        )
        controlplane.apply(deployment(replicas=4), namespace=self.namespace)
        controlplane.wait_ready(self.namespace, 4)
        self._before = as_it_was(controlplane, self.namespace)

    def close(self) -> None:
        self._open.close()

    def fault(self, kind: str, **changes: Any) -> Injection:
        name = f"{kind}-{next(self._number)}"
        arguments = {"namespace": self.namespace, "selector": "app=checkout"}
        return Injection(
            id=f"r1-{name}",
            run="r1",
            name=name,
            kind=kind,
            arguments={**arguments, **self.ARGUMENTS[kind], **changes},
            expires=float(int(time.time())) + 60,
        )

    def well(self) -> bool:
        return self.all_ready() and as_it_was(self._controlplane, self.namespace) == self._before

    def all_ready(self) -> bool:
        return len(self._controlplane.ready(self.namespace)) == 4

    def marked(self, kind: str) -> bool:
        return True

    def respond(self, kind: str) -> str:
        return ""

    def lifts(self, kind: str) -> bool:
        return False

    def restore(self) -> None:
        eventually(self.well)
