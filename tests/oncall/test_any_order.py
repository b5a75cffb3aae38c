"""Whatever people do, in whatever order: what must always hold of an incident's log."""

import contextlib
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from drillmaster.errors import InvalidError
from drillmaster.oncall import doors
from drillmaster.oncall.embedded import EmbeddedProvider
from drillmaster.timeline.events import (
    Acknowledged,
    AcknowledgementWithdrawn,
    AnyEvent,
    Escalated,
    IncidentResolved,
    PageSent,
    PageSuppressed,
    PolicyExhausted,
)
from tests.support.hands import HandClock, fresh_store
from tests.support.oncall import drill, log_of, team

PEOPLE = st.sampled_from(["ana", "ben", "bea", "cleo", "dan"])


class AnyOrder(RuleBasedStateMachine):
    """People, automations and time do what they like."""

    @initialize(
        engage=st.sampled_from(["timeout", "hand-over", "at-once"]),
        unreachable=st.sampled_from([None, "drill-policy", "briefed"]),
    )
    def begin(self, engage: str, unreachable: str | None) -> None:
        self.folder = TemporaryDirectory()
        self.clock = HandClock()
        self.store = fresh_store(Path(self.folder.name))
        self.provider = EmbeddedProvider.for_environment(team(), self.store, self.clock)
        self.provider.open(drill(engage=engage, unreachable_primary=unreachable))

    @rule(seconds=st.sampled_from([1.0, 30.0, 60.0, 200.0]))
    def time_passes(self, seconds: float) -> None:
        self.clock.move(seconds)
        self.provider.advance()

    @rule(person=st.one_of(st.none(), PEOPLE))
    def acknowledge(self, person: str | None) -> None:
        self._try(lambda: doors.acknowledge(self.store, self.clock, "inc-1", person, via="cli"))

    @rule(person=PEOPLE)
    def withdraw(self, person: str) -> None:
        self._try(lambda: doors.withdraw(self.store, self.clock, "inc-1", person))

    @rule(person=PEOPLE)
    def hand_over(self, person: str) -> None:
        self._try(lambda: doors.hand_over(self.store, self.clock, "inc-1", person))

    @rule()
    def resolve(self) -> None:
        doors.resolve(self.store, self.clock, "inc-1", "ana")

    @invariant()
    def nothing_happens_to_a_resolved_incident(self) -> None:
        log = self._log()
        ends = [at for at, event in enumerate(log) if isinstance(event, IncidentResolved)]
        assert ends in ([], [len(log) - 1])

    @invariant()
    def no_time_runs_out_while_an_ack_stands(self) -> None:
        standing: set[str | None] = set()
        for event in self._log():
            if isinstance(event, Acknowledged):
                assert event.person not in standing
                standing.add(event.person)
            elif isinstance(event, AcknowledgementWithdrawn):
                standing.remove(event.person)
            elif isinstance(event, PolicyExhausted):
                assert not standing
            elif isinstance(event, Escalated):
                assert event.why != "timeout" or not standing
                standing = set()

    @invariant()
    def every_level_that_is_reached_pages_exactly_its_people(self) -> None:
        log = self._log()
        for at, event in enumerate(log):
            if isinstance(event, Escalated):
                paged = log[at + 1 : at + 1 + len(event.people)]
                assert all(isinstance(page, PageSent | PageSuppressed) for page in paged)
                assert [page.person for page in paged] == event.people  # type: ignore[union-attr]  # as just asserted

    @invariant()
    def times_never_run_backwards(self) -> None:
        times = [event.occurred_at for event in self._log()]
        assert times == sorted(times)

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()
            self.folder.cleanup()

    def _log(self) -> list[AnyEvent]:
        return log_of(self.provider)

    @staticmethod
    def _try(door: Callable[[], object]) -> None:
        with contextlib.suppress(InvalidError):  # which refusals are right: another file says
            door()


AnyOrder.TestCase.settings = settings(
    max_examples=20,
    stateful_step_count=15,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestAnyOrder = AnyOrder.TestCase
