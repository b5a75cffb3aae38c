"""`drillmaster ack`: acknowledge an incident of the embedded on-call system."""

import sys

from drillmaster.errors import ExitCode, InvalidError
from drillmaster.oncall import doors
from drillmaster.oncall.choose import choose, clock_of
from drillmaster.timeline.store import Store


def ack(run: str | None, person: str, *, withdraw: bool, hand_over: bool) -> int:
    """Acknowledge as a person, or take it back, or hand over to the next level.

    `run` is a run or an incident; None means the only one that is open.
    """
    if withdraw and hand_over:
        raise InvalidError("--withdraw and --hand-over exclude each other")
    store = Store.open()
    incident = choose(store, run)
    clock = clock_of(store, incident)
    if withdraw:
        doors.withdraw(store, clock, incident.id, person)
        done = f"{person} took the acknowledgement of {incident.id} back"
    elif hand_over:
        doors.hand_over(store, clock, incident.id, person)
        done = f"{person} handed {incident.id} over to the next level"
    else:
        new = doors.acknowledge(store, clock, incident.id, person, via="cli")
        role = incident.policy.role_of(person, incident.level) or "somebody not on call"
        done = f"{person} {'acknowledged' if new else 'had acknowledged'} {incident.id} as {role}"
    sys.stdout.write(f"{done}\n")
    return ExitCode.READY
