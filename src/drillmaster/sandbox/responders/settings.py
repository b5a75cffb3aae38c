"""What the process of the simulated responders is told, and what a page tells them."""

from pydantic import BaseModel, ConfigDict, Field

from drillmaster.definitions.runbook import Runbook
from drillmaster.definitions.simulation import Behaviour


class Login(BaseModel):
    """A person's own log-in to a cluster: where it is, not the secret itself."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kubeconfig: str
    """A file."""
    context: str


class Part(BaseModel):
    """The part of one person."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    behaviour: Behaviour
    """What the person does with a page."""
    token: str = Field("", repr=False)
    """The person's own token at the sandbox."""


class Settings(BaseModel):
    """Who is played, and where. It goes over standard input, because it holds tokens."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    people: dict[str, Part]
    """Whose part is taken, by id."""
    tokens: dict[str, str] = Field({}, repr=False)
    """Tokens of other people, for a behaviour in which somebody else steps in."""
    logins: dict[str, Login] = {}
    """Who has a log-in to the cluster, by id."""
    runbook: Runbook | None = None
    """What is followed; nothing where there is none."""
    admin: str | None = None
    """The address of the sandbox's admin API, as `http://127.0.0.1:4711`; None for a cluster."""
    namespace: str
    """Where an action goes that the runbook does not name: the namespace, …"""
    workload: str
    """… and the workload."""

    def token_of(self, person: str) -> str | None:
        """The person's own token, if it is known here."""
        part = self.people.get(person)
        return part.token if part is not None else self.tokens.get(person)


class Links(BaseModel):
    """The links on a page."""

    page: str
    """The doors are under it: `ack`, `hand-over`, `steps/…`, `decisions/…`."""


class Paged(BaseModel):
    """What a simulated responder reads of a page; a page holds more than that."""

    incident: str
    links: Links
    others: dict[str, str] = {}
    """The same doors for other people, by id."""
    automation: str | None = None
    """The same doors for an automation."""

    def address_for(self, paged: str, person: str) -> str | None:
        """Where a person's doors are, on the page that `paged` got."""
        return self.links.page if person == paged else self.others.get(person)
