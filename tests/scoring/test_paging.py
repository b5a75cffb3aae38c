"""M8, M10, delivery and detection."""

from typing import Any

import pytest

from drillmaster.timeline.events import (
    AlertRaised,
    FaultEffective,
    PageDelivered,
    PageFailed,
    PageSent,
    PageSuppressed,
)
from tests.scoring.cards import card_of, metric, paged, prompt, shown, targets
from tests.support.timeline_definitions import DRILL, PRIMARY, SECONDARY, changed
from tests.support.timelines import INCIDENT, Story


def noisy(alerts: int, drill: dict[str, Any] = DRILL) -> Story:
    story = prompt(paged(drill))
    for number in range(alerts - 1):
        story.add(2 + number / 10, AlertRaised, incident=INCIDENT, name="CheckoutErrorRate")
    return story.completed(12)


def sent(story: Story, at: float, page: str) -> Story:
    return story.add(
        at, PageSent, page=page, incident=INCIDENT, person=SECONDARY, role="secondary", level=2
    )


# Alert noise


@pytest.mark.parametrize(("alerts", "verdict"), [(1, "met"), (5, "met"), (6, "missed")])
def test_alerts_for_the_incident(alerts: int, verdict: str) -> None:
    row = metric(noisy(alerts), "M8")
    assert (row.value, row.verdict, row.required, row.target) == (alerts, verdict, False, 5.0)
    assert len(row.events) == alerts


def test_alerts_are_shared_by_incidents() -> None:
    assert metric(noisy(6).opened(3), "M8").value == 3.5


def test_no_incident_no_noise() -> None:
    assert "M8" not in shown(Story().completed(12))
    row = metric(Story(targets(alert_noise=2.0)).completed(12), "M8")
    assert (row.verdict, row.required, row.value) == ("unverified", True, None)


# Escalation latency


@pytest.mark.parametrize(
    ("at", "precision", "verdict"),
    [
        (4, 0.01, "met"),
        (10.98, 0.01, "met"),
        (11, 0.01, "unverified"),
        (11.1, 0.01, "missed"),
        (9, 2.5, "unverified"),
    ],
)
def test_from_the_alert_to_the_escalation(at: float, precision: float, verdict: str) -> None:
    story = Story().opened(1).suppressed(1).escalated(at, precision=precision).completed(40)
    row = metric(story, "M10")
    assert (row.value, row.verdict) == (at - 1, verdict)


def test_the_first_escalation_counts() -> None:
    assert metric(paged().escalated(8).completed(34), "M10").value == 3.0


@pytest.mark.parametrize(
    ("at", "how", "verdict"),
    [
        (12, "completed", "missed"),
        (11, "completed", "unverified"),
        (12, "aborted", "missed"),
        (9, "aborted", "unverified"),
    ],
)
def test_an_escalation_that_never_came(at: float, how: str, verdict: str) -> None:
    row = metric(Story().opened(1).suppressed(1).ended(at, how), "M10")
    assert (row.value, row.verdict) == (None, verdict)


def test_an_escalation_that_never_came_is_no_miss_of_the_secondary() -> None:
    card = card_of(Story().fault(0.5).opened(1).suppressed(1).completed(34))
    verdicts = {row.id: row.verdict for row in card.metrics if row.required}
    assert verdicts == {
        "M1": "unverified",
        "M3": "unverified",
        "M7": "unverified",
        "M10": "missed",
        "runbook_adherence": "unverified",
    }
    assert card.readiness == "not ready"
    assert card.failure_modes == []


def test_no_alert_leaves_the_latency_open() -> None:
    assert metric(Story().escalated(4).completed(34), "M10").verdict == "unverified"


def test_an_escalation_before_its_alert_is_no_latency() -> None:
    story = Story().suppressed(1).escalated(4).opened(6).completed(34)
    row = metric(story, "M10")
    assert (row.value, row.verdict) == (None, "unverified")


def test_the_default_holds_for_critical_incidents() -> None:
    drill = targets(secondary_response="10s")
    row = metric(prompt(paged(drill)).completed(12), "M10")
    assert (row.target, row.required) == (180.0, False)
    drill = changed(drill, escalation__severity="warning")
    row = metric(prompt(paged(drill)).completed(12), "M10")
    assert (row.target, row.verdict) == (None, "met")


# Delivery


def test_every_page_taken() -> None:
    row = metric(prompt().completed(12), "delivery")
    assert (row.value, row.bound, row.target, row.verdict) == (1.0, 0.0, 0.98, "met")


def test_a_page_that_a_second_channel_took_is_delivered() -> None:
    story = sent(prompt(), 4, "p").add(4.1, PageFailed, page="p", channel="mail", reason="refused")
    story.add(4.2, PageDelivered, page="p", channel="webhook").completed(12)
    assert metric(story, "delivery").value == 1.0
    assert card_of(story).failure_modes == ["F10"]


def test_a_page_that_no_channel_took_is_not() -> None:
    story = sent(prompt(), 4, "p").add(4.1, PageFailed, page="p", channel="mail", reason="refused")
    row = metric(story.completed(12), "delivery")
    assert (row.value, row.verdict, row.required) == (0.5, "missed", False)


def test_a_page_without_an_answer_is_open() -> None:
    row = metric(sent(prompt(), 4, "p").completed(12), "delivery")
    assert (row.value, row.bound, row.verdict) == (0.5, None, "unverified")
    drill = changed(DRILL, targets__delivery="50%")
    assert metric(sent(prompt(paged(drill)), 4, "p").completed(12), "delivery").verdict == "met"


def test_suppressed_pages_were_never_fired() -> None:
    story = prompt().completed(12)
    assert any(isinstance(event, PageSuppressed) for event in story.events)
    assert metric(story, "delivery").value == 1.0


def test_no_pages_no_row() -> None:
    story = Story().opened(1).suppressed(1).completed(34)
    assert "delivery" not in shown(story)
    drill = changed(DRILL, targets__delivery="90%")
    assert metric(Story(drill).opened(1).completed(34), "delivery").verdict == "unverified"


# Detection


def test_a_page_that_the_drill_fires_says_nothing_of_anybodys_monitoring() -> None:
    plain = metric(Story().fault(0.5).opened(3.5).completed(34), "detection_time")
    assert (plain.value, plain.verdict, plain.required) == (2.5, "met", False)
    listed = Story(targets(detection_time="3s")).fault(0.5).opened(3.5).completed(34)
    gate = metric(listed, "detection_time")
    assert (gate.value, gate.verdict, gate.required) == (2.5, "unverified", True)
    assert plain.seen == gate.seen
    assert gate.seen == (
        "Drillmaster itself raised the alert 2.50 s ± 0.02 s after a fault's first effect; "
        "this is no time of your monitoring"
    )
    assert gate.next_step is not None
    assert "page: by-alert" in gate.next_step
    late = Story(targets(detection_time="1s")).fault(0.5).opened(3.5).completed(34)
    assert metric(late, "detection_time").verdict == "unverified", "nor is anybody too slow"


def test_from_the_first_effect_to_the_alert() -> None:
    story = Story().add(2, FaultEffective, fault="latency", seen="slow").fault(0.5).opened(4)
    row = metric(story.completed(34), "detection_time")
    assert (row.value, row.target, row.verdict, row.required) == (3.0, None, "met", False)


@pytest.mark.parametrize(("target", "verdict"), [("3s", "met"), ("2s", "missed")])
def test_detection_can_be_a_gate(target: str, verdict: str) -> None:
    drill = changed(targets(detection_time=target), escalation__page="by-alert")
    row = metric(Story(drill).fault(0.5).opened(3.5).completed(34), "detection_time")
    assert (row.verdict, row.seen) == (
        verdict,
        "the alert came 2.50 s ± 0.02 s after a fault's first effect",
    )


def test_detection_needs_an_effect_and_an_alert_after_it() -> None:
    assert "detection_time" not in shown(Story().opened(1).completed(34))
    assert "detection_time" not in shown(Story().opened(0.2).fault(0.5).completed(34))
    story = Story(targets(detection_time="3s")).opened(0.2).fault(0.5).completed(34)
    assert metric(story, "detection_time").verdict == "unverified"


# Hand-over

HAND_OVER = changed(
    DRILL,
    faults=DRILL["faults"][:1],
    escalation__engage="hand-over",
    targets={"hand_over_time": "15s"},
)


def handed_over(ack: float = 2) -> Story:
    story = Story(HAND_OVER).fault(0.5).opened(1).escalated(1, "primary", [PRIMARY], "opened")
    return story.acknowledged(ack, PRIMARY).handed_over(4).checked(4.2)


@pytest.mark.parametrize(
    ("at", "verdict"), [(6, "met"), (16.98, "met"), (17, "unverified"), (17.1, "missed")]
)
def test_from_one_ack_to_the_other(at: float, verdict: str) -> None:
    story = handed_over().acknowledged(at).step(at + 1, "look").completed(40)
    row = metric(story, "hand_over_time")
    assert (row.value, row.verdict) == (round(at - 2, 6), verdict)
    assert ("F7" in card_of(story).failure_modes) == (verdict == "missed")


@pytest.mark.parametrize(
    ("at", "how", "verdict"),
    [
        (30, "completed", "missed"),
        (10, "aborted", "unverified"),
        (18, "aborted", "missed"),
    ],
)
def test_a_hand_over_that_nobody_took(at: float, how: str, verdict: str) -> None:
    row = metric(handed_over().ended(at, how), "hand_over_time")
    assert (row.value, row.verdict) == (None, verdict)


def test_an_ack_of_which_nobody_knows_what_followed_leaves_it_open() -> None:
    row = metric(handed_over().acknowledged(6).ended(7, "aborted"), "hand_over_time")
    assert (row.value, row.verdict) == (4.0, "unverified")


def test_nothing_is_handed_over_by_a_silent_primary() -> None:
    assert "hand_over_time" not in shown(prompt().completed(12))
    story = prompt(paged(changed(DRILL, targets={"hand_over_time": "15s"}))).completed(12)
    row = metric(story, "hand_over_time")
    assert (row.verdict, row.value) == ("unverified", None)


def test_a_primary_who_took_it_back_handed_nothing_over() -> None:
    story = Story().opened(1).escalated(1, "primary", [PRIMARY], "opened")
    story.acknowledged(2, PRIMARY).withdrawn(3, PRIMARY).escalated(6)
    assert "hand_over_time" not in shown(prompt(story).completed(34))


def test_a_primary_who_keeps_the_incident_leaves_it_open() -> None:
    story = Story(HAND_OVER).opened(1).escalated(1, "primary", [PRIMARY], "opened")
    row = metric(story.acknowledged(2, PRIMARY).completed(34), "hand_over_time")
    assert (row.verdict, row.value) == ("unverified", None)
