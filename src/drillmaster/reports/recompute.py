"""Is a folder of reports what its timeline says? The chain is verified and scored again."""

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from drillmaster.errors import InvalidError
from drillmaster.reports.data import render_json
from drillmaster.scoring.scorecard import Scorecard
from drillmaster.timeline.chain import ChainError, Recorded, parse, verify

Score = Callable[[Sequence[Recorded]], Scorecard]


def check_folder(folder: Path, score: Score) -> list[str]:
    """What in `scorecard.json` differs from what `timeline.jsonl` gives; nothing if all is well.

    Raises:
        InvalidError: the folder holds no such files.
    """
    lines, written = _read(folder / "timeline.jsonl"), _read(folder / "scorecard.json")
    try:
        # Not splitlines(): a recorded text may hold other line breaks than this one.
        records = verify(parse(lines.decode().removesuffix("\n").split("\n")))
    except (ChainError, UnicodeDecodeError) as error:
        return [f"timeline.jsonl: {error}"]
    computed = render_json(score(records), records)
    if computed == written:
        return []
    try:
        found = json.loads(written)
    except ValueError:
        return ["scorecard.json: it is no JSON"]
    differences = [f"scorecard.json: {line}" for line in _differences(json.loads(computed), found)]
    return differences or ["scorecard.json: the same values, written in another way"]


def _differences(computed: Any, found: Any, where: str = "") -> Iterator[str]:
    match computed, found:
        case dict(), dict():
            for key in [*computed, *(key for key in found if key not in computed)]:
                place = f"{where}.{key}" if where else key
                yield from _differences(computed.get(key), found.get(key), place)
        case list(), list() if len(computed) == len(found):
            for index, pair in enumerate(zip(computed, found, strict=True)):
                yield from _differences(*pair, f"{where}[{index}]")
        case _ if computed != found or type(computed) is not type(found):
            says, gives = json.dumps(found), json.dumps(computed)
            yield f"{where or 'it'} is {says}; the timeline gives {gives}"


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InvalidError(f"{path} cannot be read: {error.strerror}") from None
