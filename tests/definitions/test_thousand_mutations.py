"""A thousand definitions that are surely wrong: each is refused with a place, in under two
seconds, and nothing is executed or touched."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import pytest

from drillmaster.cli import main
from drillmaster.definitions.errors import Problem
from drillmaster.definitions.project import Project
from tests.support.definitions import EXAMPLES, SHIPPED, copy_of, is_located
from tests.support.drills import COMMAND
from tests.support.invalid import BREAKING, MARK, VALUE, VARIABLE, Breaking, broken
from tests.support.tripwires import tree_of, tripwires

EACH, SAMPLE = 72, 3
"""Mutations in each way; there are fourteen ways. The sample is what `make test` tries."""

SECONDS = 2.0
"""Of processor time."""


def sources(root: Path) -> list[Path]:
    """The definitions below a folder that are YAML, or hold some."""
    return sorted(path for _, path in Project.load(root).files())


def test_they_are_a_thousand() -> None:
    assert len(BREAKING) * EACH >= 1000


@pytest.fixture
def roots(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(VARIABLE, VALUE)
    return [copy_of(root, tmp_path / name) for name, root in (("a", SHIPPED), ("b", EXAMPLES))]


@pytest.mark.parametrize(
    "seeds", [range(SAMPLE), pytest.param(range(SAMPLE, EACH), marks=pytest.mark.soak)], ids=str
)
@pytest.mark.parametrize("way", BREAKING, ids=lambda way: way.__name__)
def test_each_is_refused(
    way: Breaking,
    seeds: range,
    roots: list[Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    main(["check", "--format", "json", str(roots[0])])  # what is imported late is there now
    capsys.readouterr()
    for seed in seeds:
        luck = Random(f"{way.__name__} {seed}")
        root = luck.choice(roots)
        path = luck.choice(sources(root))
        whole = path.read_bytes()
        text = broken(whole.decode(), way, luck, markdown=path.suffix == ".md")
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        before = tree_of(tmp_path)
        begin = time.process_time()
        with tripwires() as tripped:
            code = main(["check", "--format", "json", str(root)])
        took = time.process_time() - begin
        told = capsys.readouterr()
        note = f"{way.__name__} {seed}: {path.relative_to(root)}"
        assert code == 2, note
        assert took < SECONDS, note
        assert tripped == [], note
        assert tree_of(tmp_path) == before, note
        assert told.err == "", note
        assert VALUE not in told.out, note
        assert "root:" not in told.out, note
        problems = [Problem(**problem) for problem in json.loads(told.out)["problems"]]
        assert any(problem.path == str(path) for problem in problems), note
        assert all(is_located(problem) for problem in problems), note
        path.write_bytes(whole)


def real(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*COMMAND, *arguments],
        cwd=folder,
        env={**os.environ, VARIABLE: VALUE},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_the_command_refuses_them(tmp_path: Path) -> None:
    """Three in each way, in one call: one bad file hides no other."""
    wrong = []
    for number in range(3 * len(BREAKING)):
        way, luck = BREAKING[number % len(BREAKING)], Random(number)
        root = copy_of(luck.choice([SHIPPED, EXAMPLES]), tmp_path / str(number))
        path = luck.choice(sources(root))
        text = broken(path.read_text(), way, luck, markdown=path.suffix == ".md")
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        wrong.append(path)
    before = tree_of(tmp_path)
    done = real(tmp_path, "check", *map(str, tmp_path.iterdir()))
    assert done.returncode == 2
    assert done.stderr == ""
    for path in wrong:
        assert f"{path}:" in done.stdout
    assert VALUE not in done.stdout
    assert tree_of(tmp_path) == before


@pytest.mark.parametrize("way", BREAKING[::4], ids=lambda way: way.__name__)
def test_no_wrong_drill_is_run(way: Breaking, tmp_path: Path) -> None:
    root = copy_of(SHIPPED, tmp_path)
    path = root / "checkout-degraded.yaml"
    text = broken(path.read_text(), way, Random(1), markdown=False)
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    before = tree_of(tmp_path)
    done = real(tmp_path, "run", str(path))
    assert done.returncode == 2
    assert f"{path.name}:" in done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert tree_of(tmp_path) == before, "no store, no report"


def test_the_tripwires_are_seen(tmp_path: Path) -> None:
    with tripwires() as tripped:
        (tmp_path / MARK).touch()
        (tmp_path / "x").write_text("x")
        subprocess.run([sys.executable, "--version"], check=True, capture_output=True)
    assert len(tripped) >= 3


@pytest.mark.parametrize("special", ["fifo", "folder", "loop", "device", "nowhere", "huge"])
def test_what_is_no_file_is_not_read(special: str, tmp_path: Path) -> None:
    root = copy_of(SHIPPED, tmp_path)
    path = root / "special.yaml"
    match special:
        case "fifo":
            os.mkfifo(path)
        case "folder":
            path.mkdir()
        case "loop":
            path.symlink_to(path)
        case "device":
            path.symlink_to("/dev/zero")
        case "nowhere":
            path.symlink_to("/nowhere/at/all")
        case "huge":
            with path.open("wb") as file:
                file.truncate(1 << 34)
    done = real(tmp_path, "run", str(path))
    assert done.returncode == 2
    assert "special.yaml" in done.stderr
    assert "Traceback" not in done.stderr
    assert main(["check", str(root)]) in ({0, 2} if special == "folder" else {2})
