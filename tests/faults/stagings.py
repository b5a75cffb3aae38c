"""Targets for the conformance suite: what it must know of each kind of target.

Another kind of target joins with a class here that implements `Staging`, and a fixture
called `<kind>_staging` in conftest.py.
"""

import time
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

from drillmaster.faults.base import Injection
from drillmaster.targets.base import Target
from tests.support.chaos import action, chaos_fault, experiment_fault, extension
from tests.support.sandbox import eventually, sandbox


class Staging(Protocol):
    """A target on which every fault can be tried."""

    target: Target

    def fault(self, kind: str, **changes: Any) -> Injection:
        """A fault with a new id, that has an effect here."""

    def well(self) -> bool:
        """Whether the target is as it was before any fault."""

    def all_ready(self) -> bool:
        """Whether all four pods are."""

    def marked(self, kind: str) -> bool:
        """Whether the target itself shows such a fault, and which pods it is done to."""

    def visible(self, kind: str) -> bool:
        """Whether the target itself shows the effect of such a fault."""

    def excludes(self, kind: str) -> bool:
        """Whether such a fault lets no other one of its kind in at the same place."""

    def respond(self, kind: str) -> str:
        """Do what a responder would do against the fault, or in spite of it; a part of
        the words in which its undo must report that."""

    def lifts(self, kind: str) -> bool:
        """Whether that response takes the fault away."""

    def restore(self) -> None:
        """Take back what `respond` did, and wait until all is well."""


class SandboxStaging:
    """The embedded sandbox; a new one after a failover, from which it does not come back."""

    ARGUMENTS = {
        "pod-churn": {"kill": "50%", "every": "1s"},
        "throttle": {"share": "60%"},
        "latency": {"delay": "60ms", "share": "50%"},
        "unreachable-dependency": {"dependency": "database-primary"},
    }
    RESPONSES = {
        "pod-churn": ("scale", {"replicas": 5}, "scaled from 4 to 5 by responder-2"),
        "throttle": ("lift-throttle", {}, "lifted by responder-2"),
        "latency": ("lift-latency", {}, "lifted by responder-2"),
        "unreachable-dependency": ("failover", {}, "failed over to the standby by responder-2"),
    }

    def __init__(self) -> None:
        self._number = count()
        self._open = ExitStack()
        self._files = TemporaryDirectory()
        self._folder = Path(self._files.name)
        self.running = self._open.enter_context(sandbox())

    @property
    def target(self) -> Target:
        return self.running.target

    def close(self) -> None:
        self._open.close()
        self._files.cleanup()

    def fault(self, kind: str, **changes: Any) -> Injection:
        name = f"{kind}-{next(self._number)}"
        if not self.marked(kind):
            played = self._played(kind)  # of a run of its own, by which its processes are known
            return played.model_copy(update={"id": f"{played.run}-{name}", "name": name})
        arguments = {"namespace": "shop", "selector": "app=checkout", **self.ARGUMENTS[kind]}
        return Injection(
            id=f"r1-{name}",
            run="r1",
            name=name,
            kind=kind,
            arguments={**arguments, **changes},
            expires=time.time() + 60,
        )

    def _played(self, kind: str) -> Injection:
        """A fault of Chaos Toolkit: a file of its own that is there."""
        folder = extension(self._folder / str(next(self._number)))
        if kind == "chaos":
            return chaos_fault(folder)
        path = str(folder / "broken")
        method, rollbacks = [action("break_it", path=path)], [action("mend_it", path=path)]
        return experiment_fault(folder, {"method": method, "rollbacks": rollbacks})

    def _broken(self) -> list[Path]:
        return list(self._folder.glob("*/broken"))

    def all_ready(self) -> bool:
        return self.running.ready(4)

    def marked(self, kind: str) -> bool:
        return kind in self.ARGUMENTS

    def visible(self, kind: str) -> bool:
        return True

    def excludes(self, kind: str) -> bool:
        return False

    def well(self) -> bool:
        codes = {self.running.shop.get("/checkout").status_code for _ in range(4)}
        workload = self.running.workload()
        quiet = workload["throttled_share"] == workload["added_delay"] == 0
        return codes == {200} and quiet and self.running.ready(4) and not self._broken()

    def respond(self, kind: str) -> str:
        if not self.marked(kind):
            for path in self._broken():
                path.unlink()
            # The undo of an experiment is played in any case: it may be in by a part.
            return "gone before its undo" if kind == "chaos" else ""
        action, parameters, words = self.RESPONSES[kind]
        assert self.running.act("responder-2", action, parameters).status_code == 200
        return words

    def lifts(self, kind: str) -> bool:
        return kind != "pod-churn"

    def restore(self) -> None:
        for path in self._broken():
            path.unlink()
        if self.running.workload()["database"] == "standby":
            self._open.close()
            self.running = self._open.enter_context(sandbox())
        self.running.act("responder-2", "scale", {"replicas": 4})
        eventually(self.well)
