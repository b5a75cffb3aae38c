"""The hash chain: each event is bound to the one before it.

A line of `timeline.jsonl` is the event's fields with `seq` (from 1), `previous` (the
digest of the line before; of the run's id for the first) and `digest`, the SHA-256 of
all the others in canonical JSON: keys sorted, no white space, UTF-8.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from drillmaster.errors import DrillmasterError, ExitCode
from drillmaster.timeline.events import AnyEvent, RunSealed, RunStarted, event_adapter


class ChainError(DrillmasterError):
    """A timeline was changed after it was written."""

    exit_code = ExitCode.NOT_READY


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event at its place in the chain."""

    seq: int
    event: AnyEvent
    previous: str
    digest: str

    def line(self) -> str:
        """Its line in `timeline.jsonl`, without the line break."""
        return canonical(_body(self.seq, self.event, self.previous) | {"digest": self.digest})


def canonical(value: Any) -> str:
    """Canonical JSON: the same value always gives the same text."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def genesis(run: str) -> str:
    """What the first event of a run is bound to."""
    return digest_of(f"drillmaster/v1:{run}")


def link(run: str, last: Recorded | None, event: AnyEvent) -> Recorded:
    """The event bound to the last one of its run."""
    seq, previous = (last.seq + 1, last.digest) if last else (1, genesis(run))
    return Recorded(seq, event, previous, digest_of(canonical(_body(seq, event, previous))))


def parse(lines: Iterable[str]) -> Iterator[Recorded]:
    """The events of a `timeline.jsonl`; that they are bound to each other is not checked.

    Raises:
        ChainError: a line is no event, or is not written as `Recorded.line` writes it.
    """
    for number, line in enumerate(lines, 1):
        try:
            fields = json.loads(line)
            place = {key: fields.pop(key) for key in ("seq", "previous", "digest")}
            record = Recorded(event=event_adapter.validate_python(fields), **place)
            unchanged = record.line() == line.rstrip("\n")
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise ChainError(f"line {number} of the timeline is no event") from None
        if not unchanged:
            raise ChainError(f"line {number} of the timeline was changed after it was written")
        yield record


def verify(records: Iterable[Recorded]) -> list[Recorded]:
    """The records, when every one is bound to the one before and the run is sealed.

    Raises:
        ChainError: an event was changed, removed, added or moved, or the seal is missing.
    """
    chain: list[Recorded] = []
    for record in records:
        run = _run_of(chain[0] if chain else record)
        expected = link(run, chain[-1] if chain else None, record.event)
        if record.line() != expected.line():  # the texts: to Python, True equals 1
            raise ChainError(
                f"event {len(chain) + 1} of the timeline was changed after it was written"
            )
        chain.append(record)
    if not chain:
        raise ChainError("the timeline is empty")
    if not isinstance(chain[-1].event, RunSealed):
        raise ChainError("the timeline is not sealed: its end is missing")
    return chain


def digest_of(text: str) -> str:
    """`sha256:` and the hexadecimal digest."""
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def _run_of(first: Recorded) -> str:
    if not isinstance(first.event, RunStarted):
        raise ChainError("the timeline does not begin with the start of a run")
    return first.event.run


def _body(seq: int, event: AnyEvent, previous: str) -> dict[str, Any]:
    # Fields that were never set stay out, so that a field which a later version adds, with
    # a default, changes no line that was written before it.
    told = event.model_dump(mode="json", exclude_unset=True)
    return {"seq": seq, "previous": previous, "type": event.type, **told}
