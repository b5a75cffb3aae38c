"""Questions to the world, as they are written in files; `probes/` asks them.

Steady state, abort conditions, runbook evidence and access checks are all such
questions. `state`, `permission` and `audit` are neutral of the target: their words
(workload, action) mean the same on every kind of target, so one drill serves all.
"""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, field_validator, model_validator

from drillmaster.definitions.base import Model, OneOf, SecretRef, Text
from drillmaster.definitions.secrets import without_login
from drillmaster.definitions.units import Duration

ACTION_PATTERN = r"^[a-z][a-z0-9-]*$"

Action = Annotated[str, Field(pattern=ACTION_PATTERN)]
"""What a person does to a workload: `view`, `scale`, `restart`, `evict` (one pod),
`lift-throttle`, `lift-latency`, `failover`; each kind of target says in its own terms what
that is."""

Aspect = Literal[
    "desired-replicas",
    "ready-replicas",
    "throttled-share",
    "added-delay",
    "database",
    "rollout",
    "image",
    "cordoned-nodes",
    "warnings",
]
"""What can be asked of a workload's state: two counts, a fraction from 0 to 1, seconds, the
name of the database that the workload uses (or `unreachable`); whether all pods are as they
should be (`complete`, `progressing` or `stuck`), the image of its first container, how many
nodes with pods of it take no new ones, and how many warnings there were about it in the last
ten minutes. No kind of target can tell all of them."""


class Probe(Model):
    """What every question has."""

    timeout: Duration = 2.0
    """How long to wait for one answer. 2 s by default: a health page that takes longer
    is no sign of health."""


class HttpProbe(Probe):
    """Is this page there? Redirects are not followed: a login page is not the page."""

    url: Text
    """Where, with look-ups such as `{{ urls.checkout }}`."""
    method: Literal["GET", "HEAD", "POST", "PUT", "DELETE"] = "GET"
    """The request's method."""
    status: int | None = Field(None, ge=100, le=599)
    """The status code that means yes. Without `status` and `status_not`: 200 to 299."""
    status_not: int | None = Field(None, ge=100, le=599)
    """Any status code but this, or no answer at all, means yes (for abort conditions)."""
    contains: Text | None = None
    """A text that the body must hold, in its first 1 MiB."""
    headers: dict[str, str] = {}
    """Headers of the request. A secret does not belong here: name it under `token`."""
    token: SecretRef | None = None
    """A bearer token, by reference. A check asked as a person uses the person's own."""

    _no_login = field_validator("url")(without_login)

    @model_validator(mode="after")
    def _one_expectation(self) -> Self:
        if self.status is not None and self.status_not is not None:
            raise ValueError("status and status_not exclude each other")
        return self


class CommandProbe(Probe):
    """Does this program end with 0? An executable and its arguments, never a shell string."""

    run: list[str] = Field(min_length=1)
    """The executable and its arguments; `{{ person }}` is the person's id."""
    exit_codes: list[int] = [0]
    """Exit codes that mean yes (or allowed)."""
    denied_exit_codes: list[int] = [1]
    """Exit codes that mean denied, in an access check; any other means unverified."""
    environment: dict[str, SecretRef] = {}
    """Variables of the program, by reference. It gets `PATH`, `HOME`, `LANG`, these, and
    the person's own credential as `DRILLMASTER_TOKEN`; nothing else."""


class SqlProbe(Probe):
    """Can one log in and run this statement? It is always rolled back."""

    url: Text
    """A SQLAlchemy URL without user and password, such as `postgresql+psycopg://db/shop`."""
    statement: Text = "select 1"
    """One statement. It runs in a transaction that is rolled back."""
    user: str | None = None
    """Who logs in. A check asked as a person uses the person's own login."""
    password: SecretRef | None = None
    """The password, by reference."""

    _no_login = field_validator("url")(without_login)


class StateProbe(Probe):
    """What is the state of this workload at the target?"""

    namespace: str = Field(min_length=1)
    """Where the workload lives."""
    workload: str = Field(min_length=1)
    """The workload's name."""
    what: Aspect
    """What is asked."""
    at_least: float | None = None
    """Yes when the value is at least this."""
    at_most: float | None = None
    """Yes when the value is at most this."""
    equals: str | None = None
    """Yes when the value, as a text, is this."""

    @model_validator(mode="after")
    def _one_comparison(self) -> Self:
        if sum(bound is not None for bound in (self.at_least, self.at_most, self.equals)) != 1:
            raise ValueError("exactly one of at_least, at_most, equals is needed")
        return self


class PermissionProbe(Probe):
    """May this person do that to the workload? The target's own policy answers."""

    namespace: str = Field(min_length=1)
    """Where the workload lives."""
    workload: str = Field(min_length=1)
    """The workload's name."""
    can: Action
    """The action."""


Verb = Literal["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"]
"""What is done to a resource of Kubernetes."""


class KubernetesProbe(Probe):
    """May this person do that in the cluster? Its API server answers, and names the rule of RBAC
    that is missing. A resource that the cluster does not know is unverified, never denied."""

    verb: Verb
    """What is done."""
    resource: str = Field(min_length=1)
    """To what: the plural, such as `deployments`."""
    group: str = ""
    """Its API group, such as `apps`; left out for the core group."""
    subresource: str = ""
    """A part of it, such as `scale`, or `eviction` of `pods`."""
    namespace: str = ""
    """Where; left out for what is in no namespace, and for all namespaces."""
    name: str = ""
    """Which one; left out for all of them."""
    how: Literal["review", "dry-run", "self"] = "review"
    """`review`: the authorisers are asked about the person. `dry-run`: the request itself is made
    in the person's name and changes nothing, the stronger answer; Drillmaster must be allowed to
    impersonate the person and both controls. `self`: the authorisers are asked as the person, by
    the `kubeconfig` of their credentials."""


class AuditProbe(Probe):
    """Did somebody do that to the workload? The target's own audit record answers."""

    namespace: str = Field(min_length=1)
    """Where the workload lives."""
    workload: str = Field(min_length=1)
    """The workload's name."""
    action: Action
    """The action that counts."""
    parameters: dict[str, str | int | float] = {}
    """Parameters that the recorded action must have had, such as `replicas: 6`."""


class SelfReport(Model):
    """The person says that it was done: the weakest evidence."""


class Question(OneOf):
    """A probe with a name: what steady state consists of."""

    common: ClassVar[frozenset[str]] = frozenset({"name"})

    name: Text
    """What is asked, in words for people: `checkout answers`."""
    http: HttpProbe | None = None
    """Ask a page."""
    command: CommandProbe | None = None
    """Ask a program."""
    sql: SqlProbe | None = None
    """Ask a database."""
    state: StateProbe | None = None
    """Ask the target about a workload's state."""


class Evidence(OneOf):
    """How it is seen that a runbook's step was done."""

    audit: AuditProbe | None = None
    """The target's own record shows who did it, and when: `proved`."""
    state: StateProbe | None = None
    """The target is in this state. It was not so when the page was sent, or the step is
    unverified; and it shows no person: `authorised` at the most."""
    http: HttpProbe | None = None
    """A page answers so. The same reservations as for `state`."""
    command: CommandProbe | None = None
    """A program says so. The same reservations as for `state`."""
    self_report: SelfReport | None = Field(None, alias="self-report")
    """The person ticks it off: `self-reported`."""


class HeldHttp(HttpProbe):
    """A page, as a condition that must hold for a while."""

    for_: Duration = Field(0.0, alias="for")
    """How long the condition must hold without a break. 0s: at the first sight."""


class HeldState(StateProbe):
    """A workload's state, as a condition that must hold for a while."""

    for_: Duration = Field(0.0, alias="for")
    """How long the condition must hold without a break. 0s: at the first sight."""


class AbortCondition(OneOf):
    """What ends a drill early. Where it holds before the first fault, or cannot be judged, the
    drill is refused."""

    real_incident: Literal[True] | None = None
    """A real incident is open for the service or the people of the drill."""
    http: HeldHttp | None = None
    """A page answers so."""
    state: HeldState | None = None
    """A workload is in this state."""
