"""The activities that Chaos Toolkit calls in the runner. They carry no logic: the
machine, which the runner made before, knows the ledger, the fence and the target."""

from drillmaster.engine.machine.machine import Machine

_machine: list[Machine] = []


def use(machine: Machine) -> None:
    """Set the machine of this process; one process plays one run."""
    _machine[:] = [machine]


def inject(fault: str) -> str:
    """Inject a fault, round by round, until it is over or the runner is told to stop."""
    return _machine[0].inject(fault)


def undo(fault: str) -> str:
    """Take a fault back."""
    return _machine[0].undo(fault)


def hold() -> None:
    """Keep the method open until the runner is told to stop."""
    _machine[0].hold()
