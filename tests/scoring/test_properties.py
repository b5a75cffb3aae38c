"""What holds for every timeline."""

from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from drillmaster.scoring.score import score
from drillmaster.scoring.scorecard import Scorecard
from drillmaster.timeline.chain import parse
from tests.scoring.cards import card_of, metric, paged
from tests.scoring.events import CALMLY, PEOPLE, chaos, damaged
from tests.support.timeline_definitions import DRILL, SECONDARY, changed
from tests.support.timelines import Story

ANY = st.one_of(chaos(), damaged())

RANK = {"not ready": 0, "unverified": 1, "ready": 2}


@CALMLY
@given(ANY)
def test_any_timeline_has_a_well_formed_scorecard(story: Story) -> None:
    records = story.records()
    card = score(records)
    seqs = {record.seq for record in records}
    ids = [row.id for row in card.metrics]
    assert len(ids) == len(set(ids))
    for row in card.metrics:
        assert set(row.events) <= seqs
        assert row.seen
        assert (row.cause is None) == (row.next_step is None) == (row.verdict == "met")
        assert row.value is None or row.value >= 0
        assert row.bound is None or row.bound >= 0
        texts = " ".join(filter(None, (row.seen, row.cause, row.next_step)))
        assert not any(person in texts for person in PEOPLE)
    assert not any(person in card.sentence for person in PEOPLE)
    assert card.sentence.startswith(card.readiness.upper())
    points = max(0, 100 - sum(cost.points for cost in card.costs))
    assert card.trend == (None if card.ended == "refused" else points)


@CALMLY
@given(ANY)
def test_the_same_timeline_gives_the_same_bytes(story: Story) -> None:
    records = story.records()
    first = score(records).model_dump_json()
    assert score(records).model_dump_json() == first
    read_back = list(parse(record.line() for record in records))
    assert score(read_back).model_dump_json() == first
    assert Scorecard.model_validate_json(first).model_dump_json() == first


@CALMLY
@given(ANY)
def test_never_ready_without_everything_that_ready_means(story: Story) -> None:
    card = card_of(story)
    if card.readiness == "ready":
        required = [row for row in card.metrics if row.required]
        assert required
        assert all(row.verdict == "met" for row in required)
        assert card.settled
        assert card.ended == "completed"


@CALMLY
@given(ANY)
def test_a_required_target_never_disappears(story: Story) -> None:
    started: Any = story.events[0]
    listed = started.definitions["drill"].get("targets", {})
    assert sum(row.required for row in card_of(story).metrics) == len(listed)


@CALMLY
@given(ANY)
def test_a_verdict_agrees_with_its_value_and_bound(story: Story) -> None:
    for row in card_of(story).metrics:
        if row.value is None or row.bound is None or row.target is None:
            continue
        low, high = row.value - row.bound, row.value + row.bound
        if row.unit == "ratio":
            low, high, target = -high, -low, -row.target
        else:
            target = row.target
        if row.verdict == "met":
            assert high <= target + 1e-6
        if row.verdict == "missed":
            assert low > target - 1e-6


@CALMLY
@given(ANY, st.data())
def test_the_order_of_telling_does_not_matter(story: Story, data: st.DataObject) -> None:
    """Events are told late and out of order; what counts is when they happened."""
    rest = story.events[1:]
    if len({event.occurred_at for event in rest}) < len(rest):
        return
    before = card_of(story)
    story.events[1:] = data.draw(st.permutations(rest))
    after = card_of(story)
    assert [(row.id, row.value, row.verdict) for row in after.metrics] == [
        (row.id, row.value, row.verdict) for row in before.metrics
    ]
    assert (after.readiness, after.failure_modes) == (before.readiness, before.failure_modes)
    assert after.sentence == before.sentence


@CALMLY
@given(
    st.integers(2000, 30_000),
    st.integers(0, 3000),
    st.integers(0, 3000),
    st.integers(-1000, 1000),
    st.integers(-1000, 1000),
)
def test_the_true_value_lies_within_the_bound(
    true: int, page: int, ack: int, page_error: int, ack_error: int
) -> None:
    """Each event is told with an error of at most its precision; all in milliseconds."""
    said_page = 4 + page * page_error / 1_000_000
    said_ack = 4 + true / 1000 + ack * ack_error / 1_000_000
    story = Story(access=None).opened(1).escalated(said_page, precision=page / 1000)
    story.acknowledged(said_ack, precision=ack / 1000).step(40, "look").completed(60)
    card = card_of(story)
    row = metric(card, "M1")
    if row.value is None or row.bound is None:
        assert card.acknowledgement.outcome == "too-early"
        return
    assert abs(row.value - true / 1000) <= row.bound + 1e-5
    if row.verdict == "met":
        assert true / 1000 <= 10 + 1e-5
    if row.verdict == "missed":
        assert true / 1000 > 10 - 1e-5


@st.composite
def completed(draw: st.DrawFn) -> Story:
    """A drill that ran to its end, with one secondary and nobody else."""
    ratio = draw(st.sampled_from(["30%", "60%", "100%"]))
    wanted = draw(
        st.fixed_dictionaries(
            {},
            optional={
                "secondary_response": st.just("10s"),
                "first_mitigation": st.just("15s"),
                "runbook_adherence": st.just(ratio),
                "access_failures": st.just(1),
                "hand_over_time": st.just("15s"),
            },
        )
    )
    story = paged(changed(DRILL, targets=wanted))
    for at in draw(st.lists(st.integers(3, 18), max_size=2)):
        story.acknowledged(at, precision=0.1)
    for step in ("look", "lift", "scale", "tell"):
        for at in draw(st.lists(st.integers(3, 40), max_size=2)):
            person = draw(st.sampled_from([SECONDARY, SECONDARY, None]))
            story.step(at, step, person, precision=draw(st.sampled_from([0.1, 2.0])))
    for step in draw(st.lists(st.sampled_from(["look", "lift", "scale"]), max_size=2)):
        story.already(step)
    return story.completed(draw(st.integers(20, 45)))


@settings(parent=CALMLY, max_examples=150)
@given(completed(), st.sampled_from(["look", "lift", "scale", "tell"]))
def test_less_evidence_never_makes_a_run_more_ready(story: Story, gone: str) -> None:
    before = card_of(story)
    of_step = [event for event in story.events if getattr(event, "step", "") == gone]
    records = {getattr(event, "record", None) for event in of_step} - {None}
    story.events = [
        event
        for event in story.events
        if getattr(event, "step", "") != gone and getattr(event, "record", "") not in records
    ]
    after = card_of(story)
    assert RANK[after.readiness] <= RANK[before.readiness]


@CALMLY
@given(ANY, st.sampled_from([SECONDARY, "stranger"]), st.integers(0, 60))
def test_a_denied_check_never_makes_a_run_more_ready(story: Story, person: str, at: int) -> None:
    before = card_of(story)
    after = card_of(
        story.checked(at, {"may scale": "denied", "may lift-throttle": "denied"}, person)
    )
    assert RANK[after.readiness] <= RANK[before.readiness]
    assert after.readiness != "ready" or metric(after, "M7").verdict == "met"


@CALMLY
@given(completed(), st.integers(7, 19))
def test_a_denied_action_never_makes_working_people_more_ready(story: Story, at: int) -> None:
    story.acknowledged(5).step(6, "look")
    before = card_of(story)
    story.action(at, "lift-throttle", allowed=False)
    after = card_of(story)
    assert RANK[after.readiness] <= RANK[before.readiness]
    assert "F3" in after.failure_modes


@CALMLY
@given(damaged())
def test_a_wrong_ack_never_spoils_the_right_one(story: Story) -> None:
    card = card_of(story)
    if card.acknowledgement.outcome == "expected":
        story.acknowledged(4.5, "stranger").acknowledged(4.6, None)
        assert card_of(story).acknowledgement.outcome == "expected"


@CALMLY
@given(ANY, st.timedeltas(timedelta(0), timedelta(days=3000)))
def test_a_run_at_another_time_is_scored_the_same(story: Story, later: timedelta) -> None:
    before = card_of(story)
    story.events = [
        event.model_copy(
            update={
                "occurred_at": event.occurred_at + later,
                "observed_at": event.observed_at + later,
            }
        )
        for event in story.events
    ]
    after = card_of(story)
    assert after.metrics == before.metrics
    assert (after.readiness, after.sentence) == (before.readiness, before.sentence)
