"""Game-day and chaos drills that prove the secondary on-call can step in."""

from typing import Any

__version__ = "0.1.0"


def discover(discover_system: bool = True) -> Any:  # noqa: ARG001 (Chaos Toolkit's own shape)
    """What Drillmaster offers as a Chaos Toolkit extension, for `chaos discover drillmaster`."""
    # Chaos Toolkit is slow to import, and only it calls this.
    from chaoslib.discovery.discover import (  # noqa: PLC0415
        discover_activities,
        initialize_discovery_result,
    )

    found = initialize_discovery_result("drillmaster", __version__, "drillmaster")
    found["activities"] += discover_activities("drillmaster.chaos.actions", "action")
    found["activities"] += discover_activities("drillmaster.chaos.probes", "probe")
    return found
