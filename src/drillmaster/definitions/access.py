"""An access profile: what a secondary must be able to do before the bad night."""

from typing import ClassVar, Literal

from pydantic import Field

from drillmaster.definitions.base import Definition, OneOf, Text
from drillmaster.definitions.probes import (
    CommandProbe,
    HttpProbe,
    KubernetesProbe,
    PermissionProbe,
    SqlProbe,
)


class AccessCheck(OneOf):
    """One question, asked as the person and as two controls.

    The positive control is an identity that must be allowed and the negative one a
    nobody that must be denied: without them 'denied' could mean that the API was down,
    and 'allowed' that everything is allowed.
    """

    common: ClassVar[frozenset[str]] = frozenset({"name", "public"})

    name: Text
    """What the person must be able to do, in words: `may scale checkout`."""
    public: bool = False
    """Anyone may do this (a runbook link, say), so the negative control is left out."""
    http: HttpProbe | None = None
    """Open a page, with the person's token."""
    command: CommandProbe | None = None
    """Run a program, with the person's credential."""
    sql: SqlProbe | None = None
    """Log in to a database and run a statement that is rolled back."""
    permission: PermissionProbe | None = None
    """Ask the target's own policy."""
    kubernetes: KubernetesProbe | None = None
    """Ask the API server of a cluster, in its own words."""


class AccessProfile(Definition):
    """The access that a role needs."""

    kind: Literal["access"]
    """`access`."""
    title: Text | None = None
    """Whose access this is, in one line."""
    checks: list[AccessCheck] = Field(min_length=1)
    """What is checked."""
