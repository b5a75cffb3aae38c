"""Definitions broken in hundreds of ways: always a problem with a place, never anything else.

`DRILLMASTER_SEED` begins another sweep.
"""

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from drillmaster.definitions.errors import DefinitionError, Problem
from drillmaster.definitions.kinds import DRILL, KINDS
from drillmaster.definitions.load import load
from drillmaster.definitions.project import Project
from tests.support.definitions import EXAMPLES, SHIPPED, copy_of, is_located
from tests.support.mutations import MARK, MUTATIONS, SURELY_WRONG, Mutation, mutated

SEED = int(os.environ.get("DRILLMASTER_SEED", "0"))
CHUNK = 30
SECONDS = 2.0
"""Of processor time: what a hostile file may cost."""

SOURCES = [
    (kind, root, path.relative_to(root))
    for root in (SHIPPED, EXAMPLES)
    for kind, path in Project.load(root).files()
]


@pytest.fixture(autouse=True)
def nothing_is_executed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let a definition that executes anything fail the test."""

    def refuse(*_: object, **__: object) -> None:
        pytest.fail("a definition was executed")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(os, "system", refuse)
    monkeypatch.setattr(subprocess, "Popen", refuse)
    yield
    assert not (tmp_path / MARK).exists()


def problems_of(root: Path, kind: Any, path: Path) -> list[Problem]:
    """What is wrong with a file, and with the drills that need it."""
    try:
        load(kind, path)
        project = Project.load(root)
        for drill in project.names(DRILL):
            project.bundle(drill)
    except DefinitionError as error:
        return error.problems
    return []


def check(root: Path, kind: Any, path: Path, text: str) -> list[Problem]:
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    begin = time.process_time()
    problems = problems_of(root, kind, path)
    assert time.process_time() - begin < SECONDS
    for problem in problems:
        assert is_located(problem), problem
        assert Path(problem.path).is_relative_to(root)
    return problems


def sweep(tmp_path: Path, seeds: range) -> int:
    """Break one file for each seed; how many were refused."""
    roots = {root: copy_of(root, tmp_path / str(n)) for n, root in enumerate((SHIPPED, EXAMPLES))}
    refused = 0
    for seed in seeds:
        luck = Random(seed)
        kind, source, part = luck.choice(SOURCES)
        path = roots[source] / part
        whole = path.read_text(encoding="utf-8")
        text, ways = mutated(whole, luck)
        try:
            refused += bool(check(roots[source], kind, path, text))
        except BaseException as error:
            error.add_note(f"seed {seed}: {', '.join(ways)} in {part}")
            raise
        path.write_text(whole, encoding="utf-8")
    return refused


@pytest.mark.parametrize("chunk", range(10))
def test_broken_definitions_are_refused_with_a_place(tmp_path: Path, chunk: int) -> None:
    begin = SEED + chunk * CHUNK
    # Some mutations leave a valid definition: a person renamed, a comment moved.
    assert sweep(tmp_path, range(begin, begin + CHUNK)) > CHUNK // 2


@pytest.mark.soak
@pytest.mark.parametrize("chunk", range(200))
def test_thousands_of_broken_definitions(tmp_path: Path, chunk: int) -> None:
    begin = SEED + 1_000_000 + chunk * CHUNK
    sweep(tmp_path, range(begin, begin + CHUNK))


@pytest.mark.parametrize("mutation", SURELY_WRONG, ids=lambda mutation: mutation.__name__)
@pytest.mark.parametrize("kind", [kind for kind in KINDS.values() if kind.suffix == ".yaml"])
def test_what_is_surely_wrong_is_refused(tmp_path: Path, kind: Any, mutation: Mutation) -> None:
    root = copy_of(SHIPPED, tmp_path)
    path = next((root / kind.folder).glob("*.yaml"))
    text = path.read_text(encoding="utf-8")
    for seed in range(4):
        (problem,) = check(root, kind, path, mutation(text, Random(seed)))
        assert problem.path == str(path)


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.__name__)
def test_every_mutation_breaks_something(mutation: Mutation) -> None:
    text = (SHIPPED / "checkout-degraded.yaml").read_text(encoding="utf-8")
    assert any(mutation(text, Random(seed)) != text for seed in range(3))


@pytest.mark.parametrize("size", [1, 1000, 200_000])
def test_noise(tmp_path: Path, size: int) -> None:
    root = copy_of(SHIPPED, tmp_path)
    for seed, (kind, path) in enumerate(Project.load(root).files()):
        whole = path.read_bytes()
        path.write_bytes(Random(seed).randbytes(size))
        (problem, *_) = problems_of(root, kind, path)
        assert is_located(problem)
        path.write_bytes(whole)
