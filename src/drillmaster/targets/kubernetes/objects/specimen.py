"""A pod that is tried as a dry run."""

from typing import Any

_SAFE = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "runAsNonRoot": True,
    "seccompProfile": {"type": "RuntimeDefault"},
}
_LITTLE = {"cpu": "1m", "memory": "1Mi"}

POD: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"generateName": "drillmaster-"},
    "spec": {
        "containers": [
            {
                "name": "never",
                "image": "registry.invalid/drillmaster/never-runs:drill",
                "resources": {"requests": _LITTLE, "limits": _LITTLE},
                "securityContext": _SAFE,
            }
        ]
    },
}
"""A pod that every usual policy admits. It is tried as a dry run, and never made."""
