"""Would the pages reach people, and the right ones?"""

from collections.abc import Iterator

from drillmaster.definitions.environment import Environment
from drillmaster.engine.preflight.row import Row, ok, problem, warning
from drillmaster.engine.preflight.subject import Subject

CHECK = "people"

_CHANNEL = "channels: {mail: {email: {host: smtp.example.org, sender: drills@example.org}}}"


def rows(subject: Subject) -> Iterator[Row]:
    """Look at the policy, and at everyone on it."""
    found = [*_levels(subject), *_secondaries(subject)]
    for who in _on_call(subject.environment):
        if subject.environment.people[who].simulate is None:
            found += _contacts(subject, who)
    found += _links(subject)
    yield from found
    if not any(row.stops for row in found):
        secondaries = " and ".join(subject.environment.holders("secondary"))
        yield ok(CHECK, f"{secondaries} would stand in, and every page has somewhere to go")
    simulated = [who for who, person in subject.environment.people.items() if person.simulate]
    if simulated:
        are = "is" if len(simulated) == 1 else "are"
        message = f"{' and '.join(simulated)} {are} simulated: such a run proves nobody ready"
        yield warning(CHECK, message)


def _on_call(environment: Environment) -> list[str]:
    levels = environment.oncall.policy
    return list(dict.fromkeys(who for level in levels for who in environment.holders(level.page)))


def _levels(subject: Subject) -> Iterator[Row]:
    environment = subject.environment
    policy = environment.oncall.policy
    levels = [environment.holders(level.page) for level in policy]
    line, place = "- {page: secondary, timeout: 10m}", subject.under("oncall", "policy")
    if not any(level.page == "secondary" for level in policy):
        yield problem(CHECK, "no level of the policy pages the secondary", line, place)
    elif len(levels) < 2:
        message = "the policy has one level: when nobody answers, nobody else is paged"
        yield problem(CHECK, message, "- {page: primary, timeout: 10m}", place)
    elif set(levels[1]) <= set(levels[0]):
        message = "the second level rings nobody whom the first did not ring already"
        yield problem(CHECK, message, line, place)


def _secondaries(subject: Subject) -> Iterator[Row]:
    environment = subject.environment
    secondaries = environment.holders("secondary")
    if not secondaries:
        line = "somebody-else: {roles: [secondary]}"
        yield problem(CHECK, "nobody is secondary", line, subject.under("people"))
    elif set(secondaries) <= set(environment.holders("primary")):
        both = " and ".join(secondaries)
        message = f"{both} would have to stand in for themselves: primary and secondary are one"
        line = "somebody-else: {roles: [secondary]}"
        yield problem(CHECK, message, line, subject.under("people"))


def _links(subject: Subject) -> Iterator[Row]:
    """A page is read on a phone, and so is what its link leads to."""
    environment = subject.environment
    reached = {
        environment.channels[contact.channel].kind
        for who in _on_call(environment)
        if (person := environment.people[who]).simulate is None
        for contact in person.contacts
    }
    if reached - {"terminal"} and environment.links.lead_here_alone:
        message = "the links on pages can be opened on this machine alone, and on no phone"
        if "links" in environment.model_fields_set:
            line, place = "url: https://drills.example.org", subject.under("links")
        else:
            where = 'listen: "0.0.0.0:8710", url: https://drills.example.org'
            line, place = f"links: {{{where}}}", subject.file
        yield warning(CHECK, message, line, place)


def _contacts(subject: Subject, who: str) -> Iterator[Row]:
    environment = subject.environment
    person, place = environment.people[who], subject.under("people", who)
    kinds = {one.channel: environment.channels[one.channel].kind for one in person.contacts}
    beyond = [name for name, kind in kinds.items() if kind != "terminal"]
    if not kinds:
        yield from _without(subject, who, f"{who} has no contact: no page reaches them")
    elif not beyond:
        message = f"{who} is reached in the drill's own terminal alone"
        yield from _without(subject, who, message)
    elif len(kinds) < 2 and "secondary" in person.roles:
        others = [name for name in environment.channels if name not in kinds]
        message = f"{who} has no second channel, for the night in which {beyond[0]} fails (F10)"
        if others:
            yield warning(CHECK, message, _contact(environment, others[0]), f"{place}.contacts")
        else:
            yield warning(CHECK, message, _CHANNEL, subject.file)
    for contact in person.contacts:
        if contact.address is None and kinds[contact.channel] == "email":
            message = f"{who} has no address for {contact.channel}"
            line = _contact(environment, contact.channel)
            yield problem(CHECK, message, line, f"{place}.contacts")


def _without(subject: Subject, who: str, message: str) -> Iterator[Row]:
    environment = subject.environment
    channels = environment.channels.items()
    names = [name for name, channel in channels if channel.kind != "terminal"]
    if names:
        place, line = subject.under("people", who), _contact(environment, names[0])
        if environment.people[who].contacts:  # a second key would be an error
            yield problem(CHECK, message, line, f"{place}.contacts")
        else:
            yield problem(CHECK, message, f"contacts: [{line.removeprefix('- ')}]", place)
    else:
        yield problem(CHECK, f"{message}, and there is no channel", _CHANNEL, subject.file)


def _contact(environment: Environment, channel: str) -> str:
    mail = environment.channels[channel].kind == "email"
    return f"- {{channel: {channel}{', address: NAME@example.org' if mail else ''}}}"
