"""Whether an environment's target has what a drill's faults name."""

from collections.abc import Iterator

from drillmaster.definitions.drill import Drill
from drillmaster.definitions.errors import did_you_mean, listed
from drillmaster.definitions.positions import Keys
from drillmaster.definitions.targets import TargetSpec


def unknown_places(drill: Drill, target: TargetSpec) -> Iterator[tuple[Keys, str, str]]:
    """Where a fault names a namespace or a dependency that the target does not list, what is
    wrong, and a hint. A sandbox lists none: it is asked when it runs."""
    if target.kind == "sandbox":
        return
    known = {"namespace": list(target.namespaces), "dependency": list(target.dependencies)}
    for number, fault in enumerate(drill.faults):
        for key, names in known.items():
            name = getattr(fault.body, key, None)
            if name is not None and name not in names:
                hint = did_you_mean(name, names) or f"it lists {listed(sorted(names)) or 'none'}"
                message = f"{name!r} is none that the environment's target lists"
                yield ("faults", number, fault.kind, key), message, hint
