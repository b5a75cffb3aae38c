"""requirements.lock: every dependency, pinned and hashed, and no word about where it is from."""

import re
import tomllib

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.shipped import ROOT

LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

ENTRIES = re.findall(r"^(\S.*?)(?: \\)?\n((?:    .*\n?)*)", LOCK, re.MULTILINE)
"""Each requirement, and the lines under it."""

LOCKED = [Requirement(first) for first, _ in ENTRIES]


def needed() -> list[Requirement]:
    """What pyproject.toml asks for, extras and groups included."""
    project = PROJECT["project"]
    extras = [line for lines in project["optional-dependencies"].values() for line in lines]
    groups = [line for lines in PROJECT["dependency-groups"].values() for line in lines]
    return [Requirement(line) for line in [*project["dependencies"], *extras, *groups]]


def test_it_names_no_host() -> None:
    assert "://" not in LOCK
    assert not re.search(r"^\s*--(?!hash=)", LOCK, re.MULTILINE)


def test_everything_is_pinned_and_hashed() -> None:
    assert len(ENTRIES) > 50
    for (first, under), requirement in zip(ENTRIES, LOCKED, strict=True):
        assert re.fullmatch(r"==[^,*]+", str(requirement.specifier)), first
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", under), first


def test_it_has_every_dependency_in_a_version_that_will_do() -> None:
    for wanted in needed():
        name = canonicalize_name(wanted.name)
        found = [one for one in LOCKED if canonicalize_name(one.name) == name]
        assert found, f"{name} is not locked; run: make lock"
        for one in found:
            (pinned,) = one.specifier
            assert wanted.specifier.contains(pinned.version), f"{one} is not {wanted}"


def test_it_serves_every_python_that_is_supported() -> None:
    for python in ("3.11.0", "3.13.0"):
        here = {
            canonicalize_name(one.name)
            for one in LOCKED
            if one.marker is None
            or one.marker.evaluate({"python_full_version": python, "python_version": python[:4]})
        }
        assert {canonicalize_name(one.name) for one in needed()} <= here, python
