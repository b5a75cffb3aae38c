"""What all faults on the sandbox have in common: each is a mark there.

The sandbox keeps the mark under the fault's id, counts what it does to requests and
pods, and remembers that it was undone.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import UTC, datetime
from typing import ClassVar, Generic, TypeVar, cast

from drillmaster.definitions.placed import Scoped
from drillmaster.faults.base import Injected, Injection, Known, Radius, Undone
from drillmaster.faults.selector import labels_of
from drillmaster.targets.base import DeclinedError, Mark, Pod, Target, UnreachableError
from drillmaster.targets.sandbox import Effects, SandboxMark, SandboxTarget

S = TypeVar("S", bound=Scoped)


class Marked(ABC, Generic[S]):
    """A fault that the sandbox holds as a mark; the kinds say what it is and does."""

    model: type[S]
    """How the fault is written in a drill."""
    told: ClassVar[tuple[str, ...]] = ()
    """Fields of it that the sandbox must know."""
    path: ClassVar[str] = "/checkout"
    """The page that shows the effect to a customer."""

    def radius(self, fault: Injection, target: Target) -> Radius:
        """What the next round would touch; it makes no pod unavailable."""
        pods = self.selected(fault, target)
        return Radius(len(pods), sum(pod.ready for pod in pods), takes_down=0)

    def hindrance(self, fault: Injection, target: Target) -> str | None:
        """What the sandbox says to a dry run of the undo."""
        return sandbox_of(target).hindrance(fault.id)

    def doubt(self, mark: Mark) -> str | None:  # noqa: ARG002  # its id is all that an undo needs
        """None: the sandbox keeps its marks itself, and undoes them by their ids."""
        return None

    def inject(self, fault: Injection, target: Target, round_: int) -> Injected:  # noqa: ARG002  # for kinds that repeat
        """Put the mark on each workload that is selected; the workloads' names."""
        spec = self.spec(fault)
        workloads = sorted({pod.workload for pod in self.selected(fault, target)})
        if not workloads:
            raise DeclinedError(f"no pod in {spec.namespace} has the labels {spec.selector}")
        expires = datetime.fromtimestamp(fault.expires, UTC)
        mark = Mark(fault.id, fault.run, fault.kind, expires)
        told = {name: getattr(spec, name) for name in self.told}
        for workload in workloads:
            sandbox_of(target).put_fault(mark, workload, told)
        return Injected(workloads)

    def present(self, fault: Injection, target: Target) -> bool:
        """Whether the mark is there, and nobody has lifted it."""
        mark = sandbox_of(target).mark(fault.id)
        return mark is not None and mark.lifted is None

    def effect(self, fault: Injection, target: Target) -> str | None:
        """What was seen of it at the sandbox."""
        sandbox = sandbox_of(target)
        mark = sandbox.mark(fault.id)
        return self.seen(self.spec(fault), mark, sandbox) if mark else None

    def undo(self, fault: Injection, target: Target, known: Known) -> Undone:  # noqa: ARG002  # the sandbox itself knows
        """Take the mark away; the sandbox remembers, and refuses it from now on."""
        done = sandbox_of(target).delete_fault(fault.id)
        if done.went is None:
            return Undone(done.was_present, done.residue)
        went = done.went
        return Undone(False, done.residue, ended_at=went.at, ended_by=went.by)

    def exclusive(self, fault: Injection, target: Target) -> dict[str, str]:  # noqa: ARG002  # marks add up
        """Nothing: the sandbox keeps each fault apart."""
        return {}

    def closes_door(self) -> bool:
        """The sandbox refuses a fault that was undone."""
        return True

    def reenters(self) -> bool:
        """Every round puts the mark, if it is not there."""
        return True

    def patience(self, fault: Injection) -> float | None:  # noqa: ARG002  # all are quick
        """Every call is one request."""
        return None

    def spec(self, fault: Injection) -> S:
        """The fault as the drill has it."""
        return self.model.model_validate(fault.arguments)

    def selected(self, fault: Injection, target: Target) -> list[Pod]:
        """The pods that the fault's selector matches now, oldest first."""
        spec = self.spec(fault)
        return target.pods(spec.namespace, labels_of(spec.selector))

    def watched(
        self,
        sandbox: SandboxTarget,
        mark: SandboxMark,
        count: Callable[[Effects], int],
        visits: int,
        patience: float = 0.0,
    ) -> int:
        """What the sandbox counts for the mark; while that is nothing, the page is visited
        up to so many times, each for up to `patience` seconds more than usual."""
        for _ in range(visits):
            if count(mark.effects):
                break
            try:
                sandbox.visit(self.path, patience)
            except UnreachableError:
                break  # another fault may hold the request; the sandbox is asked next
            mark = sandbox.mark(mark.fault) or mark
        return count(mark.effects)

    @abstractmethod
    def seen(self, spec: S, mark: SandboxMark, sandbox: SandboxTarget) -> str | None:
        """The effect in words, if there is one; it may send requests to look."""


def sandbox_of(target: Target) -> SandboxTarget:
    """The target, which the registry's key says is a sandbox; it need not be there any more."""
    assert target.kind == "sandbox"
    return cast("SandboxTarget", target)
