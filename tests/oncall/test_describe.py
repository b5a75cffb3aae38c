from typing import get_args

from drillmaster.oncall import doors
from drillmaster.oncall.describe import describe
from drillmaster.oncall.embedded import EmbeddedProvider
from drillmaster.timeline.events import AnyEvent, NoteAdded
from drillmaster.timeline.store import Store
from tests.support.hands import HandClock
from tests.support.oncall import drill, log_of


def test_the_log_in_words(provider: EmbeddedProvider, store: Store, clock: HandClock) -> None:
    provider.open(drill(unreachable_primary="drill-policy"))
    clock.move(60)
    provider.advance()
    doors.acknowledge(store, clock, "inc-1", "ben", via="link")
    doors.withdraw(store, clock, "inc-1", "ben")
    doors.acknowledge(store, clock, "inc-1", "dan", via="cli")
    doors.hand_over(store, clock, "inc-1", "dan")
    doors.acknowledge(store, clock, "inc-1", None, via="link")
    doors.resolve(store, clock, "inc-1", "ana")
    lines = [describe(event) for event in log_of(provider)]
    for line in (
        "opened: [DRILL] checkout refuses most requests",
        "level 1, primary (ana): the incident was opened",
        "ana, primary, is not rung: unreachable in this drill",
        "level 2, secondary (ben, bea): nobody had acknowledged in time",
        "paging ben, secondary",
        "none did not take the page: ben has no contact",
        "ben acknowledged as secondary, by link",
        "ben took the acknowledgement back",
        "dan acknowledged, who is not on call, by cli",
        "dan handed over to the next level",
        "level 3, third (cleo): it was handed over",
        "an automation acknowledged, by link",
        "resolved by ana",
    ):
        assert line in lines


def test_an_event_without_words_is_called_by_its_type(clock: HandClock) -> None:
    stamp = {"occurred_at": clock.now(), "observed_at": clock.now(), "source": "x", "precision": 0}
    union = get_args(get_args(AnyEvent)[0])
    sealed = next(kind for kind in union if kind.__name__ == "RunSealed")
    assert describe(sealed(**stamp, ended="completed", settled=True)) == "run-sealed"
    assert describe(NoteAdded(**stamp, person="ana", text="hm")) == "ana: hm"
