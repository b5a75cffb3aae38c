"""Nothing is called ready whose timeline is not as it was written."""

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update

from drillmaster.results.conclusion import conclude, scorecard_before
from drillmaster.results.listing import list_runs
from drillmaster.timeline.chain import ChainError, Recorded, link
from drillmaster.timeline.events import AnyEvent, RunSealed
from drillmaster.timeline.store import Store
from drillmaster.timeline.tables import events, runs
from tests.scoring.cards import paged, prompt
from tests.support.ledger import new_run
from tests.support.timeline_definitions import DRILL, changed
from tests.support.timelines import Story


def keep(store: Store, records: Sequence[Recorded], run: str = "run-1") -> None:
    """Put a settled run into the store as the engine does."""
    new = new_run(run)
    with store.write() as connection:
        connection.execute(
            insert(runs).values(
                run=run,
                drill=records[0].event.drill,  # type: ignore[union-attr]
                environment=new.environment,
                state="settled",
                ended="completed",
                fence=1,
                owner={},
                lease_until=0,
                anchor={},
                settlement={},
                simulated=True,
                started_at=0,
            )
        )
        for record in records:
            connection.execute(insert(events).values(run=run, seq=record.seq, line=record.line()))


def change(store: Store, seq: int, old: str, new: str) -> None:
    with store.write() as connection:
        line = connection.scalar(select(events.c.line).where(events.c.seq == seq))
        assert line is not None
        assert old in line
        connection.execute(
            update(events).where(events.c.seq == seq).values(line=line.replace(old, new))
        )


def ready() -> Story:
    return prompt().completed(12)


def slow() -> Story:
    """A drill whose secondary comes one second too late."""
    return prompt(paged(changed(DRILL, targets__secondary_response="1s"))).completed(12)


def test_a_timeline_as_it_was_written_counts(store: Store) -> None:
    keep(store, ready().records())
    assert conclude(store, "run-1")[0].readiness == "ready"
    assert scorecard_before(store, DRILL["name"], "sandbox") is not None


def test_a_changed_event_makes_nobody_ready(store: Store) -> None:
    records = slow().records()
    keep(store, records)
    assert conclude(store, "run-1")[0].readiness == "not ready"
    change(store, 1, '"secondary_response":"1s"', '"secondary_response":"9s"')
    with pytest.raises(ChainError, match="event 1 of the timeline was changed"):
        conclude(store, "run-1")


def test_a_removed_event_makes_nobody_ready(store: Store) -> None:
    keep(store, ready().records())
    with store.write() as connection:
        connection.execute(delete(events).where(events.c.seq == 5))
    with pytest.raises(ChainError):
        conclude(store, "run-1")


def test_a_seal_that_is_not_the_end_makes_nobody_ready(store: Store) -> None:
    records = ready().records()
    extra: AnyEvent = records[-2].event
    keep(store, [*records, link("run-1", records[-1], extra)])
    with pytest.raises(ChainError, match="not sealed"):
        conclude(store, "run-1")


def test_another_runs_timeline_makes_nobody_ready(store: Store) -> None:
    keep(store, ready().records(), run="run-2")
    with pytest.raises(ChainError, match="that of run run-1"):
        conclude(store, "run-2")


def test_without_a_seal_nobody_is_ready(store: Store) -> None:
    keep(store, without_seal(ready()))
    with store.write() as connection:
        connection.execute(update(runs).values(state="stuck"))
    assert conclude(store, "run-1")[0].readiness != "ready"


def test_a_settled_run_that_lost_its_seal_keeps_what_it_came_to(store: Store) -> None:
    """Else one could take the seal away, and then change all that is before it."""
    keep(store, without_seal(slow()))
    with store.write() as connection:
        connection.execute(update(runs).values(readiness="not ready"))
    change(store, 1, '"secondary_response":"1s"', '"secondary_response":"9s"')
    with pytest.raises(ChainError):
        conclude(store, "run-1")
    with store.read() as connection:
        assert connection.scalar(select(runs.c.readiness)) == "not ready"


def test_a_settled_run_that_lost_its_seal_is_told(store: Store) -> None:
    keep(store, without_seal(ready()))
    with pytest.raises(ChainError, match="the timeline is not sealed"):
        conclude(store, "run-1")


def without_seal(story: Story) -> Sequence[Recorded]:
    records = story.records()
    assert isinstance(records[-1].event, RunSealed)
    return records[:-1]


def test_a_run_that_was_changed_stops_no_later_drill(store: Store) -> None:
    keep(store, slow().records())
    change(store, 1, '"secondary_response":"1s"', '"secondary_response":"9s"')
    assert scorecard_before(store, DRILL["name"], "sandbox") is None


@pytest.mark.parametrize(
    "edited",
    [{"readiness": "ready"}, {"ended": "aborted"}, {"simulated": False}, {"drill": "another"}],
)
def test_the_list_of_runs_believes_the_timeline_and_no_row(
    store: Store, edited: dict[str, Any]
) -> None:
    keep(store, slow().records())
    conclude(store, "run-1")
    honest = list_runs(store)
    assert honest[0][0].readiness == "not ready"
    with store.write() as connection:
        connection.execute(update(runs).values(**edited))
    assert list_runs(store) == honest


def test_the_list_of_runs_names_one_whose_timeline_was_changed(store: Store) -> None:
    keep(store, slow().records())
    change(store, 1, '"secondary_response":"1s"', '"secondary_response":"9s"')
    lines, unreadable = list_runs(store)
    assert lines == []
    assert [(one.run, "was changed" in one.why) for one in unreadable] == [("run-1", True)]
