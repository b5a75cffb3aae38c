"""Whether a drill lasts until the secondary is paged."""

from drillmaster.definitions.bundle import Bundle
from drillmaster.definitions.units import format_duration


def ends_before_page(bundle: Bundle) -> str | None:
    """Why a drill can prove nothing, because it ends before the policy pages the secondary; None
    where the policy leaves it time. A primary may hand over at any time."""
    policy = bundle.environment.oncall.policy
    roles = [level.page for level in policy]
    if bundle.drill.escalation.engage != "timeout" or "secondary" not in roles:
        return None
    wait = sum(level.timeout for level in policy[: roles.index("secondary")])
    lasts = min(bundle.drill.limits.duration, bundle.environment.limits.duration)
    if lasts > wait:
        return None
    return (
        f"the drill ends after {format_duration(lasts)}, and the policy of "
        f"{bundle.environment.name} pages the secondary after {format_duration(wait)} at the "
        "earliest: nothing can be proved"
    )
