"""A dependency that cannot be reached."""

from drillmaster.definitions.faults import UnreachableDependency
from drillmaster.faults.marked import Marked
from drillmaster.targets.sandbox import SandboxMark, SandboxTarget

_VISITS = 5  # a throttle beside it may refuse some before they get there


class SandboxUnreachableDependency(Marked[UnreachableDependency]):
    """The sandbox's replicas are refused when they connect to a database:
    `database-primary` or `database-standby`."""

    model = UnreachableDependency
    told = ("dependency",)

    def seen(
        self, spec: UnreachableDependency, mark: SandboxMark, sandbox: SandboxTarget
    ) -> str | None:
        """Requests that failed because of the cut; visits the page until one did."""
        refused = self.watched(sandbox, mark, lambda e: e.refused, _VISITS)
        if not refused:
            return None
        return f"requests that failed because {spec.dependency} cannot be reached: {refused}"
