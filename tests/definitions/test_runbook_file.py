"""Runbooks: Markdown for people, with blocks for the drill."""

import hashlib
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drillmaster.definitions.errors import DefinitionError
from drillmaster.definitions.positions import Place
from drillmaster.definitions.runbook import Runbook
from drillmaster.definitions.runbook_file import load_runbook
from tests.support.definitions import EXAMPLES, SHIPPED, is_located

HEAD = "---\nowner: team\nreviewed: 2026-11-24\nservice: checkout\n---\n\n"
BLOCK = "```yaml drill\nwithin: 1m\n```\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "book.md"


def load(path: Path, text: str) -> Runbook:
    path.write_text(text, encoding="utf-8")
    return load_runbook(path)[0]


def told(path: Path, text: str) -> list[str]:
    """The lines of the error, from the line number on."""
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DefinitionError) as caught:
        load_runbook(path)
    assert all(map(is_located, caught.value.problems))
    return str(caught.value).replace(f"{path}:", "").splitlines()


def test_the_shipped_runbook() -> None:
    path = SHIPPED / "runbooks" / "checkout-degraded.md"
    runbook, document = load_runbook(path)
    assert runbook.name == "checkout-degraded"
    assert runbook.title == "Checkout is degraded"
    assert runbook.revision == "sha256:" + hashlib.sha256(path.read_bytes()).hexdigest()
    look, lift, scale, tell = runbook.steps
    assert [step.mitigates for step in runbook.steps] == [False, True, True, False]
    assert look.id == "look-at-the-dashboard"
    assert look.text.startswith("Open the checkout dashboard.")
    assert lift.decision is not None
    assert scale.evidence is not None
    assert scale.evidence.body.parameters == {"replicas": 6}
    assert tell.optional
    lines = path.read_text().splitlines()
    for step in runbook.steps:
        assert lines[step.line - 1] == f"## {step.title}"
    action = document.place(("steps", 1, "evidence", "audit", "action"))
    assert lines[action.line - 1][action.column - 1 :].startswith("lift-throttle")


def test_parts_are_found(path: Path) -> None:
    text = (
        HEAD + "# The *whole* `book`\n\nFor everybody.\n\n## Look\n\nFirst.\n\n"
        "```sh\nls\n```\n\n```yaml drill\nid: see\nwithin: 90s\n```\n\nLast.\n\n"
        "### Deeper\n\nStill look.\n\n## Nothing but a heading\n"
    )
    runbook = load(path, text)
    assert runbook.title == "The whole book"
    assert runbook.reviewed == date(2026, 11, 24)
    look, nothing = runbook.steps
    assert (look.id, look.within) == ("see", 90)
    assert look.text == "First.\n\n```sh\nls\n```\n\n\nLast.\n\n### Deeper\n\nStill look."
    assert (nothing.id, nothing.text, nothing.evidence) == ("nothing-but-a-heading", "", None)


@pytest.mark.parametrize(
    ("heading", "id_"),
    [
        ("Look at the dashboard!", "look-at-the-dashboard"),
        ("  2. Scale `checkout` out  ", "2-scale-checkout-out"),
        ("Überprüfen & melden", "uberprufen-melden"),
        ("ダッシュボードを見る", "step-1"),
        ("x" * 200, "x" * 63),
        ("a" * 62 + " b", "a" * 62),
    ],
)
def test_a_step_is_called_by_its_heading(path: Path, heading: str, id_: str) -> None:
    assert load(path, f"{HEAD}# T\n\n## {heading}\n").steps[0].id == id_


def test_setext_headings_and_line_breaks_of_windows(path: Path) -> None:
    text = f"{HEAD}Title\n=====\n\nLook\n----\n\n{BLOCK}"
    path.write_bytes(text.replace("\n", "\r\n").encode())
    runbook, _ = load_runbook(path)
    assert (runbook.title, runbook.steps[0].title) == ("Title", "Look")
    assert runbook.steps[0].within == 60


def test_headings_within_code_are_none(path: Path) -> None:
    runbook = load(path, f"{HEAD}# T\n\n## Look\n\n```sh\n# no title\n## no step\n```\n")
    assert [step.id for step in runbook.steps] == ["look"]


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        ("", ["1:1: has no front matter; the file begins", "1:1: steps: has no step",
              "1:1: title: is missing; write it as `# Title`"]),
        ("# T\n\n## S\n", ["1:1: has no front matter"]),
        ("---\nowner: x\n# T\n## S\n", ["1:1: has no front matter"]),
        (f"{HEAD}## S\n", ["1:1: title: is missing"]),
        (f"{HEAD}# T\n", ["1:1: steps: has no step; write one as `## Step`"]),
        (f"{HEAD}# T\n\n## S\n\n# U\n", ["11:1: title: a runbook has one title"]),
        (f"{HEAD}# T\n\n##\n", ["9:1: steps.0.title: must not be empty"]),
        (f"{HEAD}# T\n{BLOCK}\n## S\n", ["8:1: this block stands under no step"]),
        (f"{HEAD}# T\n\n## S\n{BLOCK}\n{BLOCK}", ["14:1: steps.0: a step has one such block"]),
        (f"{HEAD}# T\n\n## S\n\n## s!\n",
         ["11:1: steps.1.id: the step in line 9 has this id too; give it an `id`"]),
        (f"{HEAD}# T\n\n## S\n\n## U\n```yaml drill\nid: s\n```\n",
         ["13:5: steps.1.id: the step in line 9 has this id too"]),
        (f"{HEAD}# T\n\n## S\n\n- ```yaml drill\n  within: 1m\n  ```\n",
         ["11:1: steps.0: this block is in a list or a quote and would not be read"]),
        (f"{HEAD}# T\n\n## S\n```yml Drill\nwithin: 1m\n```\n",
         ["10:1: steps.0: this block is marked 'yml Drill' and would not be read"]),
        (f"{HEAD}# T\n\n## S\n```{'x' * 5000} drill\nwithin: 1m\n```\n",
         [f"10:1: steps.0: this block is marked '{'x' * 55}…' and would not be read"]),
        (f"{HEAD}# T\n\n## S\n```yaml drill\nwithni: 1m\n```\n",
         ["11:1: steps.0.withni: unknown key; did you mean 'within'?"]),
        (f"{HEAD}# T\n\n## S\n```yaml drill\ntitle: x\n```\n",
         ["11:1: steps.0.title: unknown key"]),
        (f"{HEAD}# T\n\n## S\n\n```yaml drill\nevidence:\n  audit: {{namespace: a, b}}\n```\n",
         ["13:3: steps.0.evidence.audit.action: is missing",
          "13:3: steps.0.evidence.audit.workload: is missing",
          "13:25: steps.0.evidence.audit.b: unknown key"]),
        (f"{HEAD}# T\n\n## S\n```yaml drill\na: *x\n```\n",
         ["11:4: steps.0.a: aliases such as *x are not allowed"]),
        (f"{HEAD}# T\n\n## S\n```yaml drill\n- a\n```\n",
         ["11:1: steps.0: must be a mapping of keys to values"]),
        ((f"{HEAD}# T\n\n## S\n```yaml drill\ndecision: {{question: q, options: [a, b],"
         " sound: [c]}\n```\n"), ["11:50: steps.0.decision.sound.0: 'c' is none of the options"]),
        (HEAD.replace("owner", "onwer") + "# T\n\n## S\n",
         ["2:1: onwer: unknown key; did you mean 'owner'?"]),
        (HEAD.replace("2026-11-24", "24.11.2026") + "# T\n\n## S\n",
         ["3:11: reviewed: '24.11.2026' is no day; write it as 2026-11-24"]),
        (HEAD.replace("service", "steps: []\nservice") + "# T\n\n## S\n",
         ["4:1: steps: unknown key"]),
        ("---\n---\n# T\n\n## S\n", ["1:1: is empty"]),
    ],
)  # fmt: skip
def test_problems(path: Path, text: str, messages: list[str]) -> None:
    lines = told(path, text)
    assert len(lines) == len(messages), lines
    for line, message in zip(lines, messages, strict=True):
        assert line.startswith(message)


def test_an_empty_block_is_no_problem(path: Path) -> None:
    assert load(path, f"{HEAD}# T\n\n## S\n```yaml drill\n# later\n```\n").steps[0].within is None


def test_an_indented_block_keeps_its_columns(path: Path) -> None:
    lines = told(path, f"{HEAD}# T\n\n## S\n  ```yaml drill\n  within: 1\n  ```\n")
    assert lines == ["11:11: steps.0.within: 1 is no duration; write it as 20s, 5m, 1h30m or 800ms"]


def test_the_name_of_the_file_must_be_a_name(tmp_path: Path) -> None:
    (line,) = told(tmp_path / "My Book.md", f"{HEAD}# T\n\n## S\n")
    assert line.startswith("1:1: name: 'My Book' is no name")


def test_more_steps_than_anybody_follows(path: Path) -> None:
    text = f"{HEAD}# T\n\n" + "".join(f"## Step {n}\n" for n in range(9_000))
    assert told(path, text) == ["209:1: steps: a runbook has 200 steps at most"]


def test_every_problem_is_told(path: Path) -> None:
    text = HEAD.replace("owner: team\n", "") + "# T\n# U\n## S\n```yaml drill\nx: 1\n```\n## s\n"
    assert len(told(path, text)) == 4


@pytest.mark.parametrize(
    "filling",
    ["> " * 50_000, "[" * 100_000, "- " * 50_000, "`" * 100_000, "<" * 100_000, "*a " * 30_000,
     "![](" * 25_000, "| " * 50_000, "\n" * 9_000, "&#x;" * 25_000, "|\n" * 9_000],
)  # fmt: skip
def test_hostile_markdown_is_no_problem_and_quick(path: Path, filling: str) -> None:
    runbook = load(path, f"{HEAD}# T\n\n## a{filling[:500]}a\n\n{filling}\n\n## End\n")
    assert runbook.steps[-1].title in ("End", runbook.steps[0].title)


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 4), st.sampled_from(["within", "optional"])),
        min_size=1,
        max_size=6,
    )
)
def test_places_in_blocks_are_the_files_own(
    tmp_path_factory: pytest.TempPathFactory, parts: list[tuple[int, int, str]]
) -> None:
    """However many lines stand between, a value's place is where it stands in the file."""
    steps = [
        f"## Step {number}\n" + "\n" * above + "```yaml drill\n" + "# x\n" * inside
        + f"{key}: {'1m' if key == 'within' else 'true'}\n```\n"
        for number, (above, inside, key) in enumerate(parts)
    ]  # fmt: skip
    text = HEAD + "# T\n\n" + "".join(steps)
    path = tmp_path_factory.mktemp("runbooks") / "book.md"
    path.write_text(text)
    runbook, document = load_runbook(path)
    lines = text.splitlines()
    for number, (_, _, key) in enumerate(parts):
        place = document.place(("steps", number, key))
        written = "1m" if key == "within" else "true"
        assert lines[place.line - 1] == f"{key}: {written}"
        assert place.column == len(key) + 3
        assert document.place(("steps", number)) == Place(runbook.steps[number].line, 1)


def test_the_example_shows_every_key_of_a_step() -> None:
    text = (EXAMPLES / "runbooks" / "checkout-slow.md").read_text()
    for key in ("id", "evidence", "within", "decision", "mitigates", "optional"):
        assert f"\n{key}:" in text
