"""What is wrong with definitions: each problem with its file, line, column and key."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from drillmaster.errors import InvalidError

RULES = {
    "unreadable": "A file is a regular one of UTF-8 text, at most 1 MiB and 10,000 lines.",
    "syntax": "A file is plain YAML or Markdown: no tags, no aliases, no key twice.",
    "unknown-key": "Every key is known.",
    "missing-key": "Every required key is there.",
    "wrong-value": "Every value is of the kind that its key asks for.",
    "placement": "Every kind of definition lies in its own folder, in a file of its name.",
    "reference": "What a definition calls by name exists.",
    "look-up": "Every look-up between {{ and }} has a value.",
    "stale-runbook": "A runbook was reviewed within the last 180 days.",
    "dead-link": "A link of a runbook to a file leads to one.",
    "no-evidence": "A drill can see that a required step was done.",
    "nothing-to-measure": "There is something that measures each listed target.",
}
"""What each rule asks for."""

WARNINGS = frozenset({"stale-runbook", "dead-link", "no-evidence", "nothing-to-measure"})
"""The rules that warn and do not fail."""

_LONGEST_WORD = 64


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong, and where."""

    path: str
    """The file, as the user would write it; empty for what is in no file."""
    line: int
    """From 1."""
    column: int
    """From 1, in characters."""
    key: str
    """The keys down to the value, with dots; empty for the file as a whole."""
    message: str
    hint: str | None = None
    """How to mend it."""
    rule: str = "wrong-value"
    """A key of `RULES`."""

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}:{self.column}: " if self.path else ""
        return f"{place}{'warning: ' if self.rule in WARNINGS else ''}{self.text}"

    @property
    def text(self) -> str:
        """What is wrong, without the place."""
        key = f"{self.key}: " if self.key else ""
        hint = f"; {self.hint}" if self.hint else ""
        return f"{key}{self.message}{hint}"


class DefinitionError(InvalidError):
    """Definitions are wrong. Its text is one line for each problem."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(set(problems))
        super().__init__("\n".join(map(str, self.problems)))


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """A hint at the known word that is closest, if one is close."""
    close = closest(word, known)
    return f"did you mean {close!r}?" if close else None


def closest(word: str, known: Iterable[str]) -> str | None:
    """The known word that is closest, if one is close; case, `-` and `_` weigh nothing."""
    plain = {_plain(name): name for name in known}
    found = difflib.get_close_matches(_plain(word), plain, n=1)
    return plain[found[0]] if found else None


def listed(words: Iterable[str]) -> str:
    """`a, b or c`; the first dozen of many."""
    given = list(words)
    if len(given) > 12:
        return f"{', '.join(given[:12])}, …"
    return " or ".join(filter(None, [", ".join(given[:-1]), *given[-1:]]))


def _plain(word: str) -> str:
    return word[:_LONGEST_WORD].lower().replace("_", "-")
