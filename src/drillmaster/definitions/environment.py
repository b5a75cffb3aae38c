"""An environment: where drills may happen, who is on call there, and what is allowed."""

from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from drillmaster.definitions.base import Definition, Model, Name, OneOf, SecretRef, Text, located
from drillmaster.definitions.chaos import Allowance
from drillmaster.definitions.drill import Limits
from drillmaster.definitions.listen import host_and_port
from drillmaster.definitions.secrets import without_login
from drillmaster.definitions.simulation import Simulation
from drillmaster.definitions.targets import TargetSpec
from drillmaster.definitions.units import Duration
from drillmaster.definitions.windows import TimeZone, Window

Role = Literal["primary", "secondary", "third"]
"""A level of an escalation policy, by what the person there is."""


class WebhookChannel(Model):
    """Pages are posted as JSON."""

    url: Text
    """Where. A 2xx answer counts as delivered. Who knows a chat's address may post there, so
    it may be a reference as well: `env:NAME` or `file:PATH`."""
    token: SecretRef | None = None
    """A bearer token, by reference."""
    timeout: Duration = 5.0
    """How long to wait before the next channel is tried."""

    _no_login = field_validator("url")(without_login)


class EmailChannel(Model):
    """Pages are sent by SMTP."""

    host: Text
    """The mail server."""
    port: int = Field(25, ge=1, le=65535)
    """Its port."""
    sender: Text
    """The address that the mail comes from."""
    tls: Literal["none", "starttls", "tls"] = "starttls"
    """How the connection is secured."""
    user: str | None = None
    """Who logs in; nobody where it is left out."""
    password: SecretRef | None = None
    """The password, by reference."""
    timeout: Duration = 10.0
    """How long to wait before the next channel is tried."""


class TerminalChannel(Model):
    """Pages are shown in the terminal in which the drill runs."""


class Channel(OneOf):
    """A way to reach a person."""

    webhook: WebhookChannel | None = None
    """By an HTTP request."""
    email: EmailChannel | None = None
    """By mail."""
    terminal: TerminalChannel | None = None
    """In the terminal."""


class Contact(Model):
    """How one person is reached over one channel."""

    channel: Name
    """A channel of the environment."""
    address: Text | None = None
    """The person's address there, such as a mail address."""


class Credentials(Model):
    """What access checks use when they ask as a person, by reference."""

    token: SecretRef | None = None
    """A bearer token for http checks, and `DRILLMASTER_TOKEN` of command checks."""
    sql_user: str | None = None
    """The login of sql checks."""
    sql_password: SecretRef | None = None
    """The password of sql checks."""
    kubeconfig: Text | None = None
    """The file of the person's own log-in to the cluster: for kubernetes checks with `how: self`,
    and for what a simulated responder does there."""
    context: Text | None = None
    """The context in `kubeconfig`."""

    @model_validator(mode="after")
    def _both(self) -> Self:
        if (self.kubeconfig is None) != (self.context is None):
            given = "context" if self.context else "kubeconfig"
            raise located("kubeconfig and context belong together", given)
        return self


class Person(Model):
    """Somebody on call."""

    roles: list[Role] = []
    """Where the person stands in the rotation now. None: a person who is not on call."""
    name: Text | None = None
    """A display name. It stays out of results unless `show_names` is set."""
    time_zone: TimeZone = "UTC"
    """The person's time zone, as `Europe/Lisbon`: windows are read in it."""
    consent: bool | None = None
    """Whether the person agreed to be drilled. Without it: as `consent` of the environment
    takes it. `unreachable-primary: {by: briefed}` needs a `true` of every real primary."""
    contacts: list[Contact] = []
    """How to reach the person, first choice first; the next is tried when one fails."""
    credentials: Credentials = Credentials()
    """The person's own access, for checks asked as this person."""
    simulate: Simulation | None = None
    """A simulated responder takes this person's part. Marks every result."""


class PageLinks(Model):
    """Where the links on pages lead."""

    listen: Text = "127.0.0.1:0"
    """Where Drillmaster serves them while a drill runs, as `HOST:PORT`; port 0 takes a free one."""
    url: Text | None = None
    """How people reach that: the address of a proxy that adds TLS, such as
    `https://drills.example.org`. Without it: `http://HOST:PORT`."""

    _no_login = field_validator("url")(lambda url: url and without_login(url))

    @field_validator("listen")
    @classmethod
    def _place(cls, listen: str) -> str:
        host_and_port(listen)
        return listen

    @property
    def lead_here_alone(self) -> bool:
        """Whether only a browser on this machine can open them."""
        host, _ = host_and_port(self.listen)
        return self.url is None and (host.startswith("127.") or host in {"localhost", "::1"})


class Level(Model):
    """A level of the escalation policy."""

    page: Role
    """Whose turn it is: everyone who has this role is paged at once."""
    timeout: Duration
    """How long to wait for an ACK before the next level is paged."""


class EmbeddedOncall(Model):
    """The on-call system that comes with Drillmaster; its state is in the store."""

    provider: Literal["embedded"]
    """`embedded`."""
    policy: list[Level] = Field(min_length=1, max_length=10)
    """The escalation policy, first level first."""


class Controls(Model):
    """The identities that access checks are measured against."""

    allowed: Credentials = Credentials()
    """An identity that must be allowed everything that is checked."""
    denied: Credentials = Credentials()
    """A nobody, who must be denied."""


class Timing(Model):
    """Times of the machinery. The defaults were measured; change them for slow stores."""

    lease: Duration = 5.0
    """How long a run lives without a sign of its supervisor before others undo it."""
    heartbeat: Duration = 1.0
    """How often the supervisor gives that sign."""
    undo: Duration = 60.0
    """How long an undo is tried again before it is stuck."""
    request: Duration = 4.0
    """How long one request to a target may take; shorter than the lease."""
    engagement: Duration = 180.0
    """How soon after an ACK something must follow, or it is hollow."""
    recovery: Duration = 60.0
    """How long to wait for steady state after the undo."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.heartbeat < self.lease:
            raise located("must be shorter than lease", "heartbeat")
        if not self.request < self.lease:
            raise located("must be shorter than lease", "request")
        return self


class Environment(Definition):
    """An environment."""

    kind: Literal["environment"]
    """`environment`."""
    title: Text | None = None
    """What it is, in one line."""
    target: TargetSpec
    """The system that faults are injected into."""
    oncall: EmbeddedOncall
    """The on-call system that is paged."""
    people: dict[Name, Person] = Field(min_length=1)
    """Who is on call, by id."""
    services: list[Name] = []
    """Services that may be drilled here. Empty: every service that a drill names."""
    channels: dict[Name, Channel] = {}
    """Ways to reach people, by name."""
    urls: dict[Name, Text] = {}
    """Addresses that definitions look up as `{{ urls.NAME }}`. `{{ ports.NAME }}` in
    them are the sandbox's ports: `proxy`, `admin`."""
    links: PageLinks = PageLinks()
    """Where the links on pages lead."""
    bridge: Text | None = None
    """The address of the incident bridge."""
    controls: Controls = Controls()
    """Identities that access checks are measured against. A sandbox brings its own."""
    limits: Limits = Limits()
    """How far any drill may go here."""
    windows: list[Window] = []
    """When drills may happen. None: at any time."""
    consent: Literal["opt-out", "opt-in"] = "opt-out"
    """Who may be paged: everyone who does not say no (`opt-out`), or only who says yes
    (`opt-in`)."""
    chaos: Allowance | None = None
    """What faults that Chaos Toolkit plays may use here. Without it: nothing."""
    show_names: bool = False
    """Show display names in results. Off: results hold ids alone."""
    timing: Timing = Timing()
    """Times of the machinery."""

    @model_validator(mode="after")
    def _no_login(self) -> Self:
        for name, url in self.urls.items():
            try:
                without_login(url)
            except ValueError as error:
                raise located(str(error), "urls", name) from None
        return self

    @model_validator(mode="after")
    def _roster(self) -> Self:
        roles = {role for person in self.people.values() for role in person.roles}
        for index, level in enumerate(self.oncall.policy):
            if level.page not in roles:
                raise located("nobody has this role", "oncall", "policy", index, "page")
        for key, who in self.target.people:
            if who not in self.people:
                raise located("is nobody of this environment", "target", key, who)
        return self

    @model_validator(mode="after")
    def _reachable(self) -> Self:
        for who, person in self.people.items():
            for index, contact in enumerate(person.contacts):
                if contact.channel not in self.channels:
                    raise located(
                        f"{contact.channel!r} is no channel of this environment",
                        *("people", who, "contacts", index, "channel"),
                    )
        return self

    @model_validator(mode="after")
    def _simulated_together(self) -> Self:
        for who, person in self.people.items():
            for other in person.simulate.others if person.simulate else ():
                if other not in self.people:
                    raise located(
                        f"needs {other!r}, who is nobody of this environment",
                        *("people", who, "simulate"),
                    )
        return self

    @model_validator(mode="after")
    def _denied_by_the_sandbox(self) -> Self:
        """Only the sandbox can deny somebody everything: a cluster's own policy says who may."""
        for who, person in self.people.items():
            denied = person.simulate is not None and person.simulate.access == "denied"
            if denied and self.target.kind != "sandbox":
                message = "access: denied is for a sandbox; elsewhere, take their rights away"
                raise located(message, "people", who, "simulate")
        return self

    def holders(self, role: Role) -> list[str]:
        """The ids of the people who have a role, in the file's order."""
        return [who for who, person in self.people.items() if role in person.roles]

    @property
    def simulated(self) -> bool:
        """Whether a simulated responder takes anybody's part."""
        return any(person.simulate for person in self.people.values())
