"""`drillmaster ack`: acknowledge an incident of the embedded on-call system."""

import sys
from contextlib import closing

from drillmaster.errors import ExitCode, InvalidError
from drillmaster.oncall import doors
from drillmaster.oncall.choose import choose, clock_of
from drillmaster.oncall.record import Incident
from drillmaster.timeline.store import Store


def ack(run: str | None, person: str, *, withdraw: bool, hand_over: bool) -> int:
    """Acknowledge as a person, or take it back, or hand over to the next level.

    `run` is a run or an incident; None means the only one that is open.
    """
    if withdraw and hand_over:
        raise InvalidError("--withdraw and --hand-over exclude each other")
    with closing(Store.open()) as store:
        done = _act(store, choose(store, run), person, withdraw=withdraw, hand_over=hand_over)
    sys.stdout.write(f"{done}\n")
    return ExitCode.READY


def _act(store: Store, incident: Incident, person: str, *, withdraw: bool, hand_over: bool) -> str:
    clock = clock_of(store, incident)
    if withdraw:
        doors.withdraw(store, clock, incident.id, person)
        return f"{person} took the acknowledgement of {incident.id} back"
    if hand_over:
        doors.hand_over(store, clock, incident.id, person)
        return f"{person} handed {incident.id} over to the next level"
    new = doors.acknowledge(store, clock, incident.id, person, via="cli")
    role = incident.policy.role_of(person, incident.level) or "somebody not on call"
    return f"{person} {'acknowledged' if new else 'had acknowledged'} {incident.id} as {role}"
