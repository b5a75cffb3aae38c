"""Faults that Chaos Toolkit plays, as they are written: what is refused, and where."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from drillmaster.definitions.errors import DefinitionError
from drillmaster.definitions.project import Project
from tests.support.definitions import EXAMPLES, copy_of, edit, is_located, place_of

FILE = "experiments/slow-disk.json"


@pytest.fixture
def drills(tmp_path: Path) -> Path:
    """A copy of the documented drills folder."""
    return copy_of(EXAMPLES, tmp_path)


def problems(drills: Path) -> list[str]:
    """What is wrong, without the folder."""
    found = Project.load(drills).problems()
    assert all(map(is_located, found))
    return [str(problem).replace(f"{drills}/", "") for problem in found]


def experiment(drills: Path, **changes: Any) -> None:
    """Change keys of the experiment; None takes one away."""
    path = drills / FILE
    data = json.loads(path.read_text()) | changes
    path.write_text(json.dumps({key: one for key, one in data.items() if one is not None}))


def test_the_documented_faults_are_valid(drills: Path) -> None:
    assert problems(drills) == []
    bundle = Project.load(drills).bundle("checkout-slow")
    assert list(bundle.experiments) == [FILE]
    assert bundle.experiments[FILE]["rollbacks"][0]["name"] == "let the disk go"


@pytest.mark.parametrize(
    ("allowed", "refused"),
    [
        ("modules: [shopchaos]", "the module 'shopchaos.queue' may not be used"),
        ("programs: [shopctl]", "the program 'shopctl' may not be used"),
        ("hosts: [search.shop.example]", "the host 'search.shop.example' may not be used"),
    ],
)
def test_what_the_environment_does_not_list_is_refused(
    drills: Path, allowed: str, refused: str
) -> None:
    key = allowed.partition(":")[0]
    edit(drills / "environments" / "staging.yaml", f"  {allowed}\n", f"  {key}: []\n")
    found = problems(drills)
    assert any(refused in problem and f"{key}: [...]" in problem for problem in found)


def test_an_environment_that_allows_nothing_refuses_all(drills: Path) -> None:
    path = drills / "environments" / "staging.yaml"
    text = path.read_text()
    start, end = text.index("chaos:\n"), text.index("show_names")
    path.write_text(text[:start] + text[end:])
    assert len(problems(drills)) == 3 + 3  # two modules and an undo; two programs and a host


@pytest.mark.parametrize("module", ["shopchaosx", "shop", "shopchaos2.queue", "os"])
def test_only_what_lies_below_a_listed_module_is_allowed(drills: Path, module: str) -> None:
    path = drills / "checkout-slow.yaml"
    edit(path, "module: shopchaos.load", f"module: {module}")
    at = place_of(path.read_text(), f"{module}\n      func: burn")
    (problem,) = problems(drills)
    assert problem.startswith(f"checkout-slow.yaml:{at}: faults.6.chaos.module: ")


@pytest.mark.parametrize("host", ["http://169.254.169.254/latest", "http://[::1", "${host}/x"])
def test_only_a_listed_host_is_called(drills: Path, host: str) -> None:
    edit(drills / FILE, "https://search.shop.example/healthz", host)
    (problem,) = problems(drills)
    assert "may not be used" in problem
    edit(drills / "environments" / "staging.yaml", "[search.shop.example]", '["*"]')
    assert problems(drills) == []


def test_a_text_of_arguments_needs_a_shell_that_is_allowed(drills: Path) -> None:
    edit(drills / FILE, '["volume", "release", "${volume}"]', '"volume release ${volume}; id"')
    (problem,) = problems(drills)
    at = place_of((drills / FILE).read_text(), '"volume release')
    assert problem.startswith(f"{FILE}:{at}: rollbacks.0.provider.arguments: is one text")
    edit(drills / "environments" / "staging.yaml", "shell: false", "shell: true")
    assert problems(drills) == []


def test_every_provider_counts_wherever_it_stands(drills: Path) -> None:
    hidden = {"type": "python", "module": "hidden", "func": "f"}
    probe = {"type": "probe", "name": "p", "provider": hidden}
    experiment(
        drills,
        controls=[{"name": "c", "provider": hidden}],
        configuration={"dynamic": {**probe, "default": 1}},
    )
    assert sum("'hidden' may not be used" in problem for problem in problems(drills)) == 2


def test_a_fault_needs_an_undo_or_an_end_of_its_own(drills: Path) -> None:
    path = drills / "checkout-slow.yaml"
    edit(path, "      self_limiting: it stops after 120 s\n", "")
    assert "exactly one of undo and self_limiting is needed" in problems(drills)[0]


def test_an_experiment_needs_rollbacks_or_an_end_of_its_own(drills: Path) -> None:
    experiment(drills, rollbacks=None)
    (problem,) = problems(drills)
    assert f"{FILE} has no rollbacks; say why it is self_limiting" in problem
    path = drills / "checkout-slow.yaml"
    edit(path, f"      file: {FILE}\n", f"      file: {FILE}\n      self_limiting: it is not\n")
    assert problems(drills) == []


def test_a_secret_that_is_written_out_is_refused_and_not_repeated(drills: Path) -> None:
    experiment(drills, secrets={"ours": {"token": "hunter2", "key": {"type": "env", "key": "K"}}})
    (problem,) = problems(drills)
    assert "secrets.ours.token: is a secret that is written out" in problem
    assert "hunter2" not in problem


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"title": "The', '"titel": "The', "title: must be a text"),
        ('"description": "S', '"descr": "S', "description: must be a text"),
        ('"method": [', '"methods": [', "method: must be a list of activities"),
        ('"type": "action"', '"type": "fault"', "type: must be action or probe"),
        ('"type": "process"', '"type": "magic"', "provider: needs a type"),
        ('"path": "shopctl"', '"paht": "shopctl"', "provider.path: must be a text"),
        ('"name": "slow', '"nam": "slow', "name: must be a text"),
        ('"rollbacks": [', '"rollbacks": [{"ref": "let the disk goo"},', "did you mean"),
        ("{", "", "is no JSON"),
        ('"tolerance": 200', '"tolerance": 2e', "is no JSON"),
    ],
)
def test_what_is_no_experiment_is_told_with_its_place(
    drills: Path, old: str, new: str, said: str
) -> None:
    edit(drills / FILE, old, new)
    assert any(said in problem for problem in problems(drills))


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"null", b"[" * 100_000, b"\xff\xfe", b'{"method": 3}', b'"' + b"x" * 2_000_000],
)
def test_rubbish_is_one_clear_problem(drills: Path, content: bytes) -> None:
    (drills / FILE).write_bytes(content)
    assert problems(drills)


@pytest.mark.parametrize(
    "file", ["experiments/none.json", "../../../../etc/passwd.json", "/x.json"]
)
def test_a_file_that_is_not_there_is_told(drills: Path, file: str) -> None:
    edit(drills / "checkout-slow.yaml", FILE, file)
    (problem,) = problems(drills)
    assert "there is no such file" in problem


def test_a_file_of_another_kind_is_refused(drills: Path) -> None:
    edit(drills / "checkout-slow.yaml", FILE, "experiments/slow-disk.py")
    (problem,) = problems(drills)
    assert "must end in .json, .yaml or .yml" in problem


def test_an_experiment_in_yaml_is_read_too(drills: Path) -> None:
    text = (drills / FILE).read_text()
    (drills / FILE).rename(drills / "experiments" / "slow-disk.yaml")
    (drills / "experiments" / "slow-disk.yaml").write_text(text)
    edit(drills / "checkout-slow.yaml", FILE, "experiments/slow-disk.yaml")
    assert problems(drills) == []


def as_yaml(drills: Path, text: str) -> None:
    """Let the experiment be a YAML file of this text."""
    (drills / "experiments" / "slow-disk.yaml").write_text(text)
    edit(drills / "checkout-slow.yaml", FILE, "experiments/slow-disk.yaml")


ANCHORS = """
title: t
description: d
method:
  - &slow
    type: action
    name: slow
    provider: {type: process, path: shopctl, arguments: &where [volume, index-1]}
rollbacks:
  - {<<: *slow, name: release}
"""


def test_anchors_are_what_they_stand_for(drills: Path) -> None:
    as_yaml(drills, ANCHORS)
    assert problems(drills) == []
    bundle = Project.load(drills).bundle("checkout-slow")
    (release,) = bundle.experiments["experiments/slow-disk.yaml"]["rollbacks"]
    assert release["name"] == "release"
    assert release["provider"]["arguments"] == ["volume", "index-1"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("a: !!python/object/apply:os.system [id]", "is no plain YAML"),
        ("a: &a [*a]", "nests too deep"),
        ("a: 2026-11-25", "a date"),
        ("1: one", "a key that is no text"),
        ("a: " + "[" * 5000, "nests more than 40 deep"),
        ("a: 'x" + "x" * 300_000, "more than 262144 characters"),
        (
            "a: &a [x,x,x,x,x,x,x,x,x]\n"
            + "\n".join(
                f"a{n}: &a{n} [{','.join([f'*a{n - 1}' if n else '*a'] * 9)}]" for n in range(9)
            ),
            "more than 100000 values",
        ),
    ],
)
def test_what_is_more_than_plain_data_is_refused_soon(drills: Path, line: str, said: str) -> None:
    as_yaml(drills, f"{ANCHORS}{line}\n")
    began = time.monotonic()
    (problem,) = problems(drills)
    assert said in problem
    assert time.monotonic() - began < 2


def test_an_activity_that_is_referred_to_is_written_out(drills: Path) -> None:
    edit(drills / FILE, '"rollbacks": [', '"rollbacks": [{"ref": "slow the disk down"},')
    bundle = Project.load(drills).bundle("checkout-slow")
    assert bundle.experiments[FILE]["rollbacks"][0]["provider"]["path"] == "shopctl"


def test_nothing_is_imported_by_a_check(drills: Path, tmp_path: Path) -> None:
    marker = tmp_path / "imported"
    (drills / "lib" / "shopchaos").mkdir(parents=True)
    for file in ("__init__.py", "queue.py", "load.py"):
        (drills / "lib" / "shopchaos" / file).write_text(f"open({str(marker)!r}, 'w')")
    assert problems(drills) == []
    assert not marker.exists()


def test_a_drill_that_replaces_the_environment_is_refused_there_too(drills: Path) -> None:
    text = (drills / "environments" / "staging.yaml").read_text()
    other = text.replace("name: staging", "name: other").replace("[shopctl]", "[]")
    (drills / "environments" / "other.yaml").write_text(other)
    with pytest.raises(DefinitionError, match="the program 'shopctl' may not be used"):
        Project.load(drills).bundle("checkout-slow", "other")
