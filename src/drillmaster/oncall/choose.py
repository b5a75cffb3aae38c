"""Which incident somebody means, and by which clock things happen to it."""

from sqlalchemy import or_, select

from drillmaster.clock import Anchor, SteadyClock
from drillmaster.definitions.errors import did_you_mean, listed
from drillmaster.errors import InvalidError
from drillmaster.oncall.record import Incident, unresolved
from drillmaster.timeline.store import Store
from drillmaster.timeline.tables import incidents, runs


def choose(store: Store, name: str | None) -> Incident:
    """The open incident of that id, or of that run; the only one where no name is given.

    Raises:
        InvalidError: there is none, it is resolved, or a name is needed.
    """
    with store.read() as connection:
        known = unresolved(connection)
    found = [incident for incident in known if name in {None, incident.id, incident.run}]
    if len(found) == 1:
        return found[0]
    if found:
        named = listed(incident.run or incident.id for incident in found)
        raise InvalidError(f"several incidents are open; say which: {named}")
    if name is None:
        raise InvalidError("no incident is open")
    raise InvalidError(_none_called(store, name, known))


def clock_of(store: Store, incident: Incident) -> SteadyClock:
    """The clock of the incident's run, which all its processes share; for a real incident
    this machine's."""
    if incident.run is None:
        return SteadyClock()
    with store.read() as connection:
        anchor = connection.scalar(select(runs.c.anchor).where(runs.c.run == incident.run))
    return SteadyClock(None if anchor is None else Anchor.model_validate(anchor))


def _none_called(store: Store, name: str, known: list[Incident]) -> str:
    there = or_(incidents.c.incident == name, incidents.c.run == name)
    with store.read() as connection:
        if connection.scalar(select(incidents.c.incident).where(there)) is not None:
            return f"{name} is resolved"
    names = [named for incident in known for named in (incident.run, incident.id) if named]
    hint = did_you_mean(name, names) or (f"open: {listed(names)}" if names else "none is open")
    return f"there is no open incident {name!r}; {hint}"
