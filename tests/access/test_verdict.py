from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drillmaster.access.verdict import of_control, of_person
from drillmaster.probes.base import Answer, Outcome

OUTCOMES: tuple[Outcome, ...] = ("yes", "no", "denied", "unreachable", "unclear")


def seen(outcome: Outcome) -> Answer:
    return Answer(outcome, None, datetime.now(UTC), 0.0, f"it said {outcome}")


YES, DENIED = seen("yes"), seen("denied")


@pytest.mark.parametrize(
    ("outcome", "answer", "grade"),
    [
        ("yes", "allowed", "authorised"),
        ("denied", "denied", "authorised"),
        ("unreachable", "unreachable", None),
        ("no", "unverified", None),
        ("unclear", "unverified", None),
    ],
)
def test_what_a_person_is_told_counts_when_the_controls_behave(
    outcome: Outcome, answer: str, grade: str | None
) -> None:
    for said in (of_person(seen(outcome), YES, DENIED), of_control(seen(outcome))):
        assert (said.answer, said.grade, said.detail) == (answer, grade, f"it said {outcome}")


@pytest.mark.parametrize("person", OUTCOMES)
@pytest.mark.parametrize(
    ("positive", "negative", "answer", "why"),
    [
        ("unreachable", "denied", "unreachable", "positive control"),
        ("unreachable", "unreachable", "unreachable", "positive control"),
        ("denied", "denied", "unverified", "positive control"),
        ("no", "denied", "unverified", "positive control"),
        ("unclear", "denied", "unverified", "positive control"),
        ("yes", "yes", "unverified", "a nobody is allowed"),
        ("yes", "unreachable", "unverified", "a nobody is not clearly denied"),
        ("yes", "no", "unverified", "a nobody is not clearly denied"),
        ("yes", "unclear", "unverified", "a nobody is not clearly denied"),
    ],
)
def test_a_control_that_misbehaves_takes_the_answer_away(
    person: Outcome, positive: Outcome, negative: Outcome, answer: str, why: str
) -> None:
    said = of_person(seen(person), seen(positive), seen(negative))
    assert (said.answer, said.grade) == (answer, None)
    assert why in said.detail


@given(*(st.sampled_from(OUTCOMES),) * 3)
def test_no_verdict_without_a_control_on_either_side(
    person: Outcome, positive: Outcome, negative: Outcome
) -> None:
    said = of_person(seen(person), seen(positive), seen(negative))
    if said.answer in ("allowed", "denied"):
        assert (positive, negative) == ("yes", "denied")
        assert said.grade == "authorised"


@given(*(st.sampled_from(OUTCOMES),) * 2)
def test_a_public_check_has_no_nobody(person: Outcome, positive: Outcome) -> None:
    assert of_person(seen(person), seen(positive), None) == of_person(
        seen(person), seen(positive), DENIED
    )
