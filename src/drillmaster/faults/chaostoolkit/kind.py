"""A fault that Chaos Toolkit plays, on any kind of target."""

from drillmaster.faults import shares
from drillmaster.faults.base import Injected, Injection, Known, PlayError, Radius, Undone
from drillmaster.faults.chaostoolkit.child import play
from drillmaster.faults.chaostoolkit.order import PlayOrder
from drillmaster.faults.selector import labels_of
from drillmaster.faults.signs import ask
from drillmaster.targets.base import DeclinedError, Mark, Target

_ELSEWHERE = Radius(selected=0, ready=0, takes_down=0, elsewhere=True)


class PlayedFault:
    """Played by Chaos Toolkit, and seen by the drill's own `present`."""

    def __init__(self, *, in_parts: bool) -> None:
        self._in_parts = in_parts
        """It has several activities, so that what `present` does not show any more may still
        be in by a part: its undo is played once in any case, as Chaos Toolkit does."""

    def radius(self, fault: Injection, target: Target) -> Radius:
        """The pods that the drill says it affects, counted now."""
        pods = _order(fault).affects.pods
        if pods is None:
            return _ELSEWHERE
        found = target.pods(pods.namespace, labels_of(pods.selector))
        down = shares.of(pods.takes_down, len(found))
        return Radius(len(found), sum(pod.ready for pod in found), down)

    def hindrance(self, fault: Injection, target: Target) -> str | None:
        """Whether all that it and its undo call is installed here and takes these arguments,
        and whether `present` can tell the fault from what is there."""
        try:
            play("rehearsal", _order(fault), fault)
        except PlayError as error:
            return str(error)
        if self.present(fault, target):
            return "its `present` is met already, so it could not be seen that it is undone"
        return None

    def doubt(self, mark: Mark) -> str | None:
        """It leaves no mark: one that told what to play would run it for whoever wrote it."""
        return f"a fault of the kind {mark.kind} leaves no mark"

    def inject(self, fault: Injection, target: Target, round_: int) -> Injected:  # noqa: ARG002  # it has one round
        """Play the method."""
        order = _order(fault)
        return Injected([order.affects.said], play("method", order, fault))

    def present(self, fault: Injection, target: Target) -> bool:
        """What the drill's `present` says."""
        return ask(_order(fault).present, target).met

    def effect(self, fault: Injection, target: Target) -> str | None:
        """What the drill's `present` says."""
        answer = ask(_order(fault).present, target)
        return answer.detail if answer.met else None

    def undo(self, fault: Injection, target: Target, known: Known) -> Undone:
        """Play the rollbacks, where the fault is still in or may be in by a part."""
        order, was_present = _order(fault), self.present(fault, target)
        if order.self_limiting is not None:
            if was_present:
                raise DeclinedError(
                    f"it is still in; it should end by itself: {order.self_limiting}"
                )
            return Undone(was_present=False, by_itself=True)
        if was_present or known == "intent" or (self._in_parts and known == "injected"):
            return Undone(was_present, activities=play("rollbacks", order, fault))
        gone = "it was gone before its undo, which was not played" if known == "injected" else None
        return Undone(was_present=False, residue=gone)

    def exclusive(self, fault: Injection, target: Target) -> dict[str, str]:  # noqa: ARG002  # see below
        """Nothing is known of what it touches."""
        return {}

    def closes_door(self) -> bool:
        """Nothing refuses an activity that comes late."""
        return False

    def reenters(self) -> bool:
        """It does not repeat."""
        return False

    def patience(self, fault: Injection) -> float | None:
        """The drill's time-out, with the time to start and to end a process."""
        return _order(fault).timeout + 5.0


def _order(fault: Injection) -> PlayOrder:
    return PlayOrder.model_validate(fault.arguments)
