"""What every kind of probe must do."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from drillmaster.clock import SteadyClock
from drillmaster.probes.base import Answer, Asking
from drillmaster.probes.registry import KINDS, ask
from drillmaster.targets.base import Target
from tests.probes.worlds import ME, WORLDS, World

CLOCK = SteadyClock()


@pytest.fixture(params=KINDS, ids=lambda kind: kind.__name__)
def kind(request: pytest.FixtureRequest) -> type:
    """Every line of the registry."""
    return request.param  # type: ignore[no-any-return]  # as pytest has it


@pytest.fixture
def world(kind: type, tmp_path: Path) -> Iterator[World]:
    with ExitStack() as stack:
        yield WORLDS[kind](tmp_path, stack)


def put(kind: type, question: dict[str, object], target: Target) -> Answer:
    """The answer, which tells when it was given, and tells it on one line."""
    body = kind.model_validate(question)  # type: ignore[attr-defined]  # every kind is a model
    begun = CLOCK.now()
    answer = ask(body, Asking(CLOCK, target, ME))
    ended = CLOCK.now()
    half = timedelta(seconds=answer.precision)
    slack = timedelta(milliseconds=1)
    assert begun - slack <= answer.at - half <= answer.at + half <= ended + slack
    assert answer.detail
    assert "\n" not in answer.detail
    return answer


def test_what_holds_is_a_yes(kind: type, world: World) -> None:
    answer = put(kind, world.holds, world.target)
    assert answer.outcome == "yes", answer.detail
    assert answer.met


def test_what_does_not_hold_is_told(kind: type, world: World) -> None:
    answer = put(kind, world.fails, world.target)
    assert answer.outcome in {"no", "denied", "unclear"}, answer.detail
    assert not answer.met


def test_silence_is_an_answer_in_time(kind: type, world: World) -> None:
    answer = put(kind, world.silent, world.mute)
    assert answer.outcome in {"unreachable", "unclear"}
    assert not answer.met
    assert answer.precision < 5
