"""Kinds of target: the systems that faults are injected into."""

import ipaddress
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from drillmaster.definitions.base import Model, Name, SecretRef, Text, located
from drillmaster.definitions.probes import Action
from drillmaster.definitions.secrets import without_login
from drillmaster.definitions.units import Duration


class SandboxSpec(Model):
    """The embedded staging: a small real service on loopback, made for one run."""

    kind: Literal["sandbox"]
    """`sandbox`."""
    replicas: int = Field(4, ge=1, le=16)
    """How many replicas of the service run. 4: the fewest of which 30% is one."""
    restart: Duration = 1.0
    """How long after its death a replica is started again."""
    grants: dict[Name, list[Action]] = {}
    """What each person may do. A person who is not listed may do everything if they are
    primary or secondary, and nothing otherwise."""

    @property
    def people(self) -> list[tuple[str, str]]:
        """Whom it names: the key under which, and the person's id."""
        return [("grants", who) for who in self.grants]

    @property
    def names(self) -> list[str]:
        """What it is called where it runs, by which production could be told; a sandbox is
        called nothing."""
        return []


class KubernetesUser(Model):
    """Who somebody is to the API server."""

    user: Text
    """The name that the API server knows, as in its audit log."""
    groups: list[Text] = []
    """The groups that the log-in brings along. A review does not look them up: a permission
    that a group has is denied to a person whose groups are not listed."""


class KubernetesControls(Model):
    """The identities that permissions are measured against."""

    allowed: KubernetesUser = KubernetesUser(
        user="drillmaster:positive-control", groups=["system:masters"]
    )
    """Who must be allowed everything. By default one of `system:masters`, to whom no API server
    denies anything."""
    denied: KubernetesUser = KubernetesUser(user="drillmaster:negative-control")
    """Who must be denied. By default one whom nobody knows."""


class Dependency(Model):
    """Something outside of the pods that they connect to."""

    address: Text
    """Its address or range, such as `10.20.0.7` or `10.20.0.0/28`."""
    ports: list[Annotated[int, Field(ge=1, le=65535)]] = []
    """Its TCP ports. None: all."""

    @field_validator("address")
    @classmethod
    def _network(cls, address: str) -> str:
        try:
            return str(ipaddress.ip_network(address))
        except ValueError as error:
            raise ValueError(f"is no address or range: {error}") from None


class KubernetesSpec(Model):
    """Namespaces of a Kubernetes cluster. Nothing has a default that could be the wrong
    cluster: how it is reached is given in exactly one of three ways."""

    kind: Literal["kubernetes"]
    """`kubernetes`."""
    context: Text | None = None
    """The context of a kubeconfig file."""
    kubeconfig: Text = "~/.kube/config"
    """The file that has the context. One file: a list of several is none."""
    in_cluster: Literal[True] | None = None
    """Drillmaster runs in the cluster, and uses its pod's own account."""
    server: Text | None = None
    """The address of the API server, for a log-in by `token`."""
    certificate_authority: Text | None = None
    """The file of the authority that has signed the certificate of `server`. Without it: what
    the system trusts."""
    token: SecretRef | None = None
    """A bearer token, by reference."""
    namespaces: list[Name] = Field(min_length=1)
    """Where faults may be injected. Each must say of itself that it may be drilled, by the
    label `drillmaster.dev/drillable: "true"`."""
    users: dict[Name, KubernetesUser] = {}
    """Who each person is to the API server. A person who is not listed has their id there, and
    no group."""
    controls: KubernetesControls = KubernetesControls()
    """The identities that permissions are measured against."""
    dependencies: dict[Name, Dependency] = {}
    """What pods can be cut off from, by name, as in `unreachable-dependency`."""
    disruption_budgets: Literal["honour", "ignore"] = "honour"
    """Whether faults that say so may ignore PodDisruptionBudgets."""
    audit_log: Text | None = None
    """The API server's audit log, one JSON record a line: the record of who did what. It may be
    the file of `drillmaster collect-audit`. Without it no step of a runbook can be proved by what
    was done."""

    _no_login = field_validator("server")(lambda url: url and without_login(url))

    @model_validator(mode="after")
    def _reached(self) -> Self:
        ways = {"context": self.context, "in_cluster": self.in_cluster, "server": self.server}
        given = [name for name, way in ways.items() if way is not None]
        if len(given) != 1:
            have = " and ".join(given) or "none"
            raise ValueError(f"exactly one of context, in_cluster, server is needed; {have} given")
        if (self.token is None) == (self.server is not None):
            raise located("server and token belong together", "token" if self.token else "server")
        return self

    @property
    def people(self) -> list[tuple[str, str]]:
        """Whom it names: the key under which, and the person's id."""
        return [("users", who) for who in self.users]

    @property
    def names(self) -> list[str]:
        """What it is called where it runs, by which production could be told."""
        return [*filter(None, [self.context, self.server]), *self.namespaces]


TargetSpec = Annotated[SandboxSpec | KubernetesSpec, Field(discriminator="kind")]
"""What faults are injected into."""
