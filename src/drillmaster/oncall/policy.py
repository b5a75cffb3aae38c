"""The escalation policy as an incident keeps it: fixed when the incident is opened, and
enough for any other process to go on with it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from drillmaster.definitions.base import Model
from drillmaster.definitions.environment import Channel, Environment, Person, Role
from drillmaster.definitions.errors import did_you_mean, listed
from drillmaster.errors import InvalidError


class StoredContact(Model):
    """One way to reach a person. Secrets are references here too."""

    channel: str
    """The channel's name, as the log shows it."""
    kind: str
    """`webhook`, `email`, `terminal`, or what another package brings."""
    spec: dict[str, Any]
    """The channel's definition."""
    address: str | None = None
    """The person's address there."""
    timeout: float = 5.0
    """Seconds that one page may take; then the person's next contact is tried."""


class StoredPerson(Model):
    """Somebody whom the environment knows, on call or not."""

    roles: list[Role] = []
    """Where the person stands in the rotation."""
    contacts: list[StoredContact] = []
    """First choice first."""
    simulated: bool = False
    """A simulated responder takes this person's part."""


class StoredLevel(Model):
    """A level of the policy."""

    role: Role
    """Everyone who has this role is paged at once."""
    timeout: float
    """Seconds to wait for an ACK before the next level is paged."""


class Policy(Model):
    """Who is paged, in which order, and how."""

    levels: list[StoredLevel]
    """First level first."""
    people: dict[str, StoredPerson]
    """By id."""
    engage: Literal["timeout", "hand-over", "at-once"] = "timeout"
    """How the second level comes in."""
    unreachable_primary: Literal["drill-policy", "briefed"] | None = None
    """Whether, and how, the first level is made unreachable."""
    bridge: str | None = None
    """Where people meet."""

    def holders(self, role: Role) -> list[str]:
        """Who has a role."""
        return [who for who, person in self.people.items() if role in person.roles]

    def on_level(self, number: int) -> list[str]:
        """Who is paged at a level, counted from 1."""
        return self.holders(self.levels[number - 1].role)

    def paged(self) -> set[str]:
        """Everyone who is on any level."""
        return {who for number in range(1, len(self.levels) + 1) for who in self.on_level(number)}

    def level_of(self, person: str, current: int) -> int | None:
        """The level at which a person stands: the highest that was reached and has them, or
        else the first that has them; None for somebody who is on none."""
        having = [n for n in range(1, len(self.levels) + 1) if person in self.on_level(n)]
        return max((n for n in having if n <= current), default=min(having, default=None))

    def role_of(self, person: str, current: int) -> Role | None:
        """The role in which a person acts; None for somebody who is not on call."""
        level = self.level_of(person, current)
        if level is not None:
            return self.levels[level - 1].role
        return next(iter(self.people[person].roles), None)

    def check_person(self, person: str) -> None:
        """Raises InvalidError, with the closest match, for somebody whom nobody knows."""
        if person in self.people:
            return
        hint = did_you_mean(person, self.people) or f"there is {listed(self.people)}"
        raise InvalidError(f"nobody is called {person!r}; {hint}")


def policy_of(
    environment: Environment, extra_contacts: Mapping[str, Sequence[Channel]] | None = None
) -> Policy:
    """An environment's policy. `extra_contacts` are tried before a person's own contacts;
    a simulated responder is reached over them alone, so that a simulation rings nobody."""
    extra = extra_contacts or {}
    return Policy(
        levels=[StoredLevel(role=lv.page, timeout=lv.timeout) for lv in environment.oncall.policy],
        people={
            who: StoredPerson(
                roles=person.roles,
                contacts=_contacts(environment, person, extra.get(who, ())),
                simulated=person.simulate is not None,
            )
            for who, person in environment.people.items()
        },
        bridge=environment.bridge,
    )


def _contacts(
    environment: Environment, person: Person, extra: Sequence[Channel]
) -> list[StoredContact]:
    first = [_stored(channel.kind, channel, None) for channel in extra]
    if first and person.simulate is not None:
        return first
    return first + list(_own(environment, person))


def _own(environment: Environment, person: Person) -> Iterator[StoredContact]:
    for contact in person.contacts:
        yield _stored(contact.channel, environment.channels[contact.channel], contact.address)


def _stored(name: str, channel: Channel, address: str | None) -> StoredContact:
    return StoredContact(
        channel=name,
        kind=channel.kind,
        spec=channel.body.model_dump(mode="json"),
        address=address,
        **({"timeout": channel.body.timeout} if hasattr(channel.body, "timeout") else {}),
    )
