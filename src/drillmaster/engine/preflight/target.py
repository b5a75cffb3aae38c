"""Can the target be reached, or brought up, as a drill would do it?"""

from collections.abc import Iterator
from contextlib import ExitStack, closing

from drillmaster.clock import Anchor
from drillmaster.definitions.bundle import Bundle
from drillmaster.engine.drill.staging import bring_up
from drillmaster.engine.preflight.row import Row, ok, problem
from drillmaster.engine.preflight.subject import Subject
from drillmaster.engine.settling.presence import holding
from drillmaster.errors import DrillmasterError
from drillmaster.targets.base import Target
from drillmaster.targets.registry import connect

CHECK = "target"

_CALLED = {"sandbox": "sandbox", "kubernetes": "cluster"}
"""What people call a target of each kind."""


class TargetLook:
    """The target, held until the stack ends."""

    def __init__(self, subject: Subject, stack: ExitStack) -> None:
        self._subject = subject
        self._stack = stack
        self.target: Target | None = None
        """The target, once it was reached."""

    def rows(self) -> Iterator[Row]:
        """Reach it, and hear what it says of itself."""
        subject = self._subject
        called = _CALLED[subject.environment.target.kind]
        began = subject.clock.monotonic()
        try:
            address = bring_up(subject.environment, "preflight", Anchor.here())
            self._stack.enter_context(holding(address))
            request = subject.environment.timing.request
            target = self._stack.enter_context(closing(connect(address, request)))
            refusal = target.refusal()
        except DrillmasterError as error:
            yield problem(
                CHECK, f"the {called} cannot be reached: {error}", subject.editing_target()
            )
            return
        self.target = target
        took = subject.clock.monotonic() - began
        if refusal is None:
            yield ok(CHECK, f"the {called} answers after {took:.1f} s, and may be drilled")
        else:
            yield problem(CHECK, refusal, subject.editing_target())

    def resolved(self, bundle: Bundle) -> Bundle:
        """A drill with its look-ups replaced, as far as the target is known."""
        assert self.target is not None
        return bundle.resolved(self.target.address.get("ports", {}))
