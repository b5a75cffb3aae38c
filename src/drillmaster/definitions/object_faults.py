"""Faults that create objects in a cluster or touch its configuration, as they are written in a
drill."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from drillmaster.definitions.placed import Placed, Scoped
from drillmaster.definitions.units import count

ObjectName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$")]
"""The name of an object in a cluster."""

DataKey = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,236}$")]
"""A key of a Secret or ConfigMap, short enough for a prefix of ours."""


class NetworkCut(Scoped):
    """Let nothing through to the selected pods, or from them."""

    direction: Literal["ingress", "egress", "both"] = "both"
    """`ingress`: nothing reaches them. `egress`: they reach nothing, not even a name server."""

    undone_by: ClassVar[str] = "the traffic is let through again"

    @property
    def reach(self) -> str:
        """What it takes away, at the most, in words."""
        return f"{self._traffic} {self.pods} cut off"

    @property
    def does(self) -> str:
        """What the fault does, in words."""
        return f"cuts {self._traffic} {self.pods} off"

    @property
    def _traffic(self) -> str:
        ways = {"ingress": "to", "egress": "from", "both": "to and from"}
        return f"all traffic {ways[self.direction]}"


class ConfigBreak(Placed):
    """Take a value out of a Secret or ConfigMap, or let a certificate in it be expired."""

    secret: ObjectName | None = None
    """The Secret."""
    config_map: ObjectName | None = None
    """The ConfigMap."""
    key: DataKey
    """The key whose value is touched."""
    how: Literal["remove", "expire"]
    """`remove`: the key is gone. `expire`: the first certificate in the value, in PEM, is
    replaced by one for the same subject and public key that expired yesterday."""

    undone_by: ClassVar[str] = "the value is put back, from another key of the same object"

    @model_validator(mode="after")
    def _one_object(self) -> Self:
        if (self.secret is None) == (self.config_map is None):
            have = "none" if self.secret is None else "secret and config_map"
            raise ValueError(f"exactly one of secret, config_map is needed; {have} given")
        return self

    @property
    def reach(self) -> str:
        """What it takes away, at the most, in words."""
        return f"{self.key} of {self._object} {self._done}"

    @property
    def does(self) -> str:
        """What the fault does, in words."""
        verb = "removes" if self.how == "remove" else "lets the certificate expire under"
        return f"{verb} {self.key} of {self._object} in {self.namespace}"

    @property
    def _object(self) -> str:
        return f"Secret {self.secret}" if self.secret else f"ConfigMap {self.config_map}"

    @property
    def _done(self) -> str:
        return "removed" if self.how == "remove" else "expired"


class QuotaExhaustion(Placed):
    """Let a namespace have no more pods than it has now."""

    pods: int = Field(0, ge=0)
    """How many pods more than now are admitted. 0: none."""

    undone_by: ClassVar[str] = "the quota is deleted"

    @property
    def reach(self) -> str:
        """What it takes away, at the most, in words."""
        return f"{self._more} more admitted to {self.namespace}"

    @property
    def does(self) -> str:
        """What the fault does, in words."""
        return f"admits {self._more} to {self.namespace} beyond those that it has now"

    @property
    def _more(self) -> str:
        return count(self.pods, "pod") if self.pods else "not one pod"
