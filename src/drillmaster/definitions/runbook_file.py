"""A runbook's file: Markdown for people, with YAML for the drill.

Front matter is the runbook's head, the first-level heading its title, each second-level
heading a step. A fenced block with the info string `yaml drill` under a step is for the
drill; everything else under it is what the person reads.
"""

import hashlib
import re
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from drillmaster.definitions.base import SCHEMA
from drillmaster.definitions.errors import DefinitionError, Problem
from drillmaster.definitions.files import decode, read_bytes
from drillmaster.definitions.markdown import Fence, Heading, Outline, Section, outline
from drillmaster.definitions.positions import Document, Keys, Place
from drillmaster.definitions.runbook import Runbook, RunbookHead, StepBlock
from drillmaster.definitions.units import shown
from drillmaster.definitions.validate import validate
from drillmaster.definitions.yaml_text import parse

INFO = "yaml drill"
"""The info string of a step's block."""

STEPS = 200
"""How many steps a runbook may have; nobody follows as many."""


def load_runbook(path: Path) -> tuple[Runbook, Document]:
    """The runbook in a file, and where each part of it stands.

    Raises:
        DefinitionError: it is none; every problem with its place.
    """
    content = read_bytes(path)
    reading = _Reading(path, outline(decode(content, path)))
    reading.head()
    reading.body()
    if reading.problems:
        raise DefinitionError(reading.problems)
    reading.data["revision"] = "sha256:" + hashlib.sha256(content).hexdigest()
    document = Document(path, reading.data, reading.values, reading.keys)
    return validate(document, Runbook), document


@dataclass(slots=True)
class _Reading:
    """A runbook as it is put together."""

    path: Path
    outline: Outline
    data: dict[str, Any] = field(default_factory=lambda: {"schema": SCHEMA, "kind": "runbook"})
    values: dict[Keys, Place] = field(default_factory=dict)
    keys: dict[Keys, Place] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def head(self) -> None:
        """The front matter, and the name that the file has."""
        self.data["name"] = self.path.stem
        self.values[("name",)] = Place(1, 1)
        front = self.outline.front
        if front is None:
            hint = "the file begins with a line ---, owner, reviewed, service, and a line ---"
            self._wrong((), Place(1, 1), "has no front matter", hint)
            return
        self._take(front.text, front.line, (), RunbookHead)

    def body(self) -> None:
        """The title and the steps."""
        titles = self.outline.titles
        if not titles:
            self._wrong(("title",), Place(1, 1), "is missing", "write it as `# Title`")
        for title in titles[1:]:
            here = Place(title.line, 1)
            self._wrong(("title",), here, "a runbook has one title", "steps are `## Step`")
        if titles:
            self.data["title"] = titles[0].text
            self.values[("title",)] = Place(titles[0].line, 1)
        for fence in self.outline.loose:
            if _is_for_drills(fence):
                self._wrong((), fence.place, "this block stands under no step")
        if not self.outline.sections:
            self._wrong(("steps",), Place(1, 1), "has no step", "write one as `## Step`")
        for section in self.outline.sections[STEPS : STEPS + 1]:
            here = Place(section.heading.line, 1)
            self._wrong(("steps",), here, f"a runbook has {STEPS} steps at most")
        self.data["steps"] = []
        for section in self.outline.sections[:STEPS]:
            self._step(section)

    def _step(self, section: Section) -> None:
        steps: list[dict[str, Any]] = self.data["steps"]
        at: Keys = ("steps", len(steps))
        here = Place(section.heading.line, 1)
        block = self._block(section, at)
        self.values[at] = self.values[*at, "title"] = here
        given = block.get("id")
        step = {
            **block,
            "id": slug(section.heading, len(steps) + 1) if given is None else given,
            "title": section.heading.text,
            "text": section.text_without(INFO),
            "line": section.heading.line,
        }
        self._distinct(step, at)
        steps.append(step)

    def _block(self, section: Section, at: Keys) -> dict[str, Any]:
        for fence in section.fences:
            if _is_for_drills(fence) and (fence.info != INFO or fence.nested):
                why = "in a list or a quote" if fence.nested else f"marked {shown(fence.info)}"
                hint = f"put it at the margin, marked `{INFO}`"
                self._wrong(at, fence.place, f"this block is {why} and would not be read", hint)
        blocks = section.blocks(INFO)
        for fence in blocks[1:]:
            self._wrong(at, fence.place, "a step has one such block")
        if not blocks:
            return {}
        return self._take(blocks[0].text, blocks[0].line + 1, at, StepBlock)

    def _take(
        self, text: str, line: int, at: Keys, model: type[RunbookHead | StepBlock]
    ) -> dict[str, Any]:
        """Read YAML that begins at a line, check it, and put it at its place."""
        try:
            read = parse(text, self.path, first_line=line, at=at)
            if read.value(at) is None and model is StepBlock:
                return {}
            validate(read, model, at)
        except DefinitionError as error:
            self.problems += error.problems
            return {}
        self.values |= read.values
        self.keys |= read.keys
        found: dict[str, Any] = read.value(at)
        if not at:
            self.data |= found
        return found

    def _distinct(self, step: dict[str, Any], at: Keys) -> None:
        for earlier in self.data["steps"]:
            if earlier["id"] == step["id"]:
                where = self.values.get((*at, "id"), self.values[at])
                hint = "give it an `id` of its own in its block"
                line = earlier["line"]
                self._wrong((*at, "id"), where, f"the step in line {line} has this id too", hint)

    def _wrong(self, keys: Keys, place: Place, message: str, hint: str | None = None) -> None:
        nowhere = Document(self.path, None, {keys: place}, {})
        self.problems.append(nowhere.problem(keys, message, hint, rule="syntax"))


def slug(heading: Heading, number: int) -> str:
    """The id of a step by its heading: lower case, dashes for all but letters and digits.
    A heading without any Latin letter gives `step-3`, by its number."""
    plain = unicodedata.normalize("NFKD", heading.text).encode("ascii", "ignore").decode()
    dashed = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")
    return dashed[:63].rstrip("-") or f"step-{number}"


def _is_for_drills(fence: Fence) -> bool:
    return "drill" in fence.info.lower().split()
