"""The hash chain: what was written cannot be changed without being seen."""

import json
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from drillmaster.timeline import events
from drillmaster.timeline.chain import ChainError, Recorded, canonical, link, parse, verify
from drillmaster.timeline.events import AnyEvent, event_adapter

START = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


def told(second: float = 0.0, source: str = "supervisor") -> dict[str, Any]:
    at = START + timedelta(seconds=second)
    return {"occurred_at": at, "observed_at": at, "source": source, "precision": 0.001}


def a_run(notes: Sequence[str] = ("one", "two")) -> list[AnyEvent]:
    return [
        events.RunStarted(
            **told(),
            run="r1",
            drill="d",
            environment="e",
            service="checkout",
            target="sandbox",
            simulated=True,
            operator="tester",
            version="0",
            definitions={"drill": {"share": 0.1, "names": ["ä", "\u2028", "b"]}},
        ),
        *(
            events.NoteAdded(**told(number + 1.5), person="p", text=text)
            for number, text in enumerate(notes)
        ),
        events.RunSealed(**told(60), ended="completed", settled=True),
    ]


def chained(new: Sequence[AnyEvent], run: str = "r1") -> list[Recorded]:
    chain: list[Recorded] = []
    for event in new:
        chain.append(link(run, chain[-1] if chain else None, event))
    return chain


def lines(chain: Sequence[Recorded]) -> list[str]:
    return [record.line() for record in chain]


def test_a_timeline_reads_back_as_it_was_written() -> None:
    chain = chained(a_run())
    assert verify(parse(lines(chain))) == chain
    assert [record.seq for record in chain] == [1, 2, 3, 4]


@given(st.lists(st.text(max_size=40), max_size=6))
def test_any_text_survives(notes: list[str]) -> None:
    notes = [text for text in notes if text.isprintable() or "\n" in text]
    chain = chained(a_run(notes))
    assert verify(parse(lines(chain))) == chain


def mutations(seed: int, written: list[str]) -> list[str]:
    """One random edit of a stored timeline."""
    dice = random.Random(seed)
    changed = list(written)
    at = dice.randrange(len(changed))
    match dice.randrange(6):
        case 0:
            del changed[at]
        case 1:
            changed.insert(at, changed[dice.randrange(len(changed))])
        case 2:
            other = (at + 1 + dice.randrange(len(changed) - 1)) % len(changed)
            changed[at], changed[other] = changed[other], changed[at]
        case 3:
            place = dice.randrange(len(changed[at]))
            new = dice.choice([c for c in '0123456789abcxyz",:{}' if c != changed[at][place]])
            changed[at] = changed[at][:place] + new + changed[at][place + 1 :]
        case 4:
            fields = json.loads(changed[at])
            key = dice.choice(sorted(fields))
            fields[key] = dice.choice([None, 1, "x", True, [], {}])
            changed[at] = canonical(fields)
        case 5:
            changed[at] = changed[at].replace(":", ": ", 1)
    return changed


def test_500_random_edits_are_found() -> None:
    written = lines(chained(a_run(["one", "two", "three", "four"])))
    edits = [mutations(seed, written) for seed in range(510)]
    edits = [changed for changed in edits if changed != written]
    assert len(edits) >= 500
    for changed in edits:
        with pytest.raises(ChainError):
            verify(parse(changed))


def test_true_is_not_one() -> None:
    written = lines(chained(a_run()))
    with pytest.raises(ChainError):
        verify(parse([written[0].replace('"seq":1', '"seq":true'), *written[1:]]))


def test_a_rewritten_chain_of_another_run_is_found() -> None:
    forged = chained(a_run(), run="r2")
    with pytest.raises(ChainError, match="event 1"):
        verify(forged)


def test_a_cut_end_is_found() -> None:
    with pytest.raises(ChainError, match="not sealed"):
        verify(chained(a_run())[:-1])


def test_an_empty_timeline_is_refused() -> None:
    with pytest.raises(ChainError, match="empty"):
        verify([])


def test_a_timeline_begins_with_the_start_of_a_run() -> None:
    with pytest.raises(ChainError, match="begin"):
        verify(chained(a_run()[1:]))


@settings(max_examples=200)
@given(st.text())
def test_no_line_makes_a_traceback(line: str) -> None:
    with pytest.raises(ChainError):
        list(parse([line]))


def test_an_unknown_event_or_field_does_not_load() -> None:
    fields = a_run()[1].model_dump(mode="json")
    with pytest.raises(ValidationError):
        event_adapter.validate_python(fields | {"type": "invented"})
    with pytest.raises(ValidationError):
        event_adapter.validate_python(fields | {"colour": "red"})


def test_the_union_is_closed() -> None:
    union = set(get_args(get_args(events.AnyEvent)[0]))
    defined = {
        value
        for value in vars(events).values()
        if isinstance(value, type) and issubclass(value, events.Event) and value is not events.Event
    }
    assert union == defined
    for event in union:
        tag = event.model_fields["type"].default
        assert tag == "".join(
            f"-{c.lower()}" if c.isupper() else c for c in event.__name__
        ).removeprefix("-")


def test_a_field_that_comes_later_changes_no_old_line() -> None:
    class Later(events.NoteAdded):
        mood: str | None = None

    old = link("r1", chained(a_run())[0], a_run()[1])
    later = Later.model_validate(a_run()[1].model_dump())
    assert link("r1", chained(a_run())[0], later).line() == old.line()
