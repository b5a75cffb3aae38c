"""Chaos Toolkit experiments in files, read as data: nothing of them is imported or run."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from drillmaster.definitions.errors import DefinitionError, Problem, did_you_mean, listed
from drillmaster.definitions.files import decode, read_bytes, shown_path
from drillmaster.definitions.positions import Document, Keys
from drillmaster.definitions.yaml_text import CHARACTERS, DEPTH, parse

VALUES_AT_MOST = 100_000
"""Values of an experiment with all aliases written out; one of 1,000 activities has 8,000."""

_ROW = re.compile(rf"(?:[\[{{]\s*){{{DEPTH + 1}}}")

_NEEDED = {"python": ("module", "func"), "process": ("path",), "http": ("url",)}
"""What a provider of each type must say."""


@dataclass(frozen=True, slots=True)
class ReadExperiment:
    """An experiment, and where each part of it stands."""

    document: Document

    @property
    def data(self) -> dict[str, Any]:
        """The experiment, with each activity written out where another one is referred to."""
        data: dict[str, Any] = dict(self.document.data)
        named = {
            activity["name"]: activity for _, activity in _activities(data) if "name" in activity
        }
        for part in ("method", "rollbacks"):
            data[part] = [named.get(one.get("ref"), one) for one in data.get(part, [])]
        return data

    def providers(self) -> Iterator[tuple[Keys, Mapping[str, Any]]]:
        """All that it would call, in its activities, its hypothesis, its configuration and
        its controls, and where that stands."""
        yield from _providers(self.document.data)


def read_experiment(path: Path) -> ReadExperiment:
    """The experiment in a file.

    Raises:
        DefinitionError: it is no experiment; every problem with its place.
    """
    document = _document(path)
    problems = list(_problems(document))
    if problems:
        raise DefinitionError(problems)
    return ReadExperiment(document)


def _document(path: Path) -> Document:
    """What Chaos Toolkit would read from the file, by the same parsers."""
    text = decode(read_bytes(path), path)
    try:
        data = json.loads(text) if path.suffix == ".json" else _from_yaml(text)
        return _placed(_plain(data), text, path)
    except json.JSONDecodeError as error:
        place, why = (error.lineno, error.colno), f"is no JSON: {error.msg}"
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        why = f"is no plain YAML: {error.problem}"
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        place, why = (1, 1), f"cannot be read: {_reason(error)}"
    raise DefinitionError([Problem(shown_path(path), *place, "", why, rule="syntax")])


def _from_yaml(text: str) -> Any:
    """Plain data; anchors and aliases are what they stand for.

    Raises:
        YAMLError: it is no YAML, or has tags.
        ValueError: it is longer, or nests deeper, than can be read in a moment.
    """
    if len(text) > CHARACTERS:
        raise ValueError(f"the YAML has more than {CHARACTERS} characters")
    if _ROW.search(text):  # the parser looks far ahead into such a row
        raise ValueError(f"it nests more than {DEPTH} deep")
    depth = 0
    for event in yaml.parse(text, yaml.SafeLoader):  # stops at the first offence
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > DEPTH:
            raise ValueError(f"it nests more than {DEPTH} deep")
    return yaml.safe_load(text)


def _plain(data: Any) -> Any:
    """The data, which is written into the store as JSON and must come back the same.

    Raises:
        ValueError: it does not, or aliases make it more than a store should hold.
        RecursionError: an alias stands for what it is a part of.
    """
    if _size(data, {}) > VALUES_AT_MOST:
        raise ValueError(f"it has more than {VALUES_AT_MOST} values")
    plain = json.loads(json.dumps(data))
    if plain != data:
        raise ValueError("it holds a key that is no text")
    return plain


def _size(value: Any, known: dict[int, int]) -> int:
    """How many values there are when each alias is written out. What an alias stands for is
    one object in memory, so it is counted once."""
    if not isinstance(value, dict | list):
        return 1
    if id(value) not in known:
        below = value.values() if isinstance(value, dict) else value
        known[id(value)] = 1 + sum(_size(one, known) for one in below)
    return known[id(value)]


def _reason(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "it nests too deep"
    if isinstance(error, TypeError):
        return "it holds a date or another value that is neither text nor number"
    return str(error).partition("\n")[0][:200]


def _placed(data: Any, text: str, path: Path) -> Document:
    """Our own parser says where everything stands in plain YAML, and nearly all JSON is YAML
    too; what it does not take, or is larger than a definition is, goes without places."""
    try:
        return replace(parse(text, path), data=data)
    except DefinitionError:
        return Document(path, data, {}, {})


def _problems(document: Document) -> Iterator[Problem]:
    data = document.data
    if not isinstance(data, dict):
        yield document.problem((), "is no experiment: it must be a mapping of keys to values")
        return
    for key in ("title", "description"):
        if not isinstance(data.get(key), str):
            yield document.problem((key,), "must be a text", rule="missing-key")
    for part in ("method", "rollbacks"):
        if not isinstance(data.get(part, [] if part == "rollbacks" else None), list):
            yield document.problem((part,), "must be a list of activities")
    named = [activity.get("name") for _, activity in _activities(data)]
    for keys, activity in _activities(data):
        for below, message, hint in _faults(activity, [str(name) for name in named if name]):
            yield document.problem((*keys, *below), message, hint)
    yield from _written_secrets(document)


def _faults(activity: Any, named: list[str]) -> Iterator[tuple[Keys, str, str | None]]:
    """What is wrong with an activity."""
    if "ref" in activity:
        if activity["ref"] not in named:
            hint = did_you_mean(str(activity["ref"]), named)
            yield ("ref",), "refers to no activity of this experiment", hint
        return
    if activity.get("type") not in ("action", "probe"):
        yield ("type",), "must be action or probe", None
    if not isinstance(activity.get("name"), str):
        yield ("name",), "must be a text", None
    provider = activity.get("provider")
    needed = _NEEDED.get(provider.get("type", "")) if isinstance(provider, dict) else None
    if needed is None:
        yield ("provider",), f"needs a type: {listed(_NEEDED)}", None
    for key in needed or ():
        if not isinstance(provider.get(key), str):
            yield ("provider", key), "must be a text", None


def _written_secrets(document: Document) -> Iterator[Problem]:
    """A secret that stands in the file would stand in the store too."""
    secrets = document.data.get("secrets", {})
    for scope, values in secrets.items() if isinstance(secrets, dict) else ():
        for name, value in values.items() if isinstance(values, dict) else ():
            if not isinstance(value, dict):
                hint = "refer to it: {type: env, key: NAME}"
                yield document.problem(
                    ("secrets", scope, name), "is a secret that is written out", hint
                )


def _activities(data: dict[str, Any]) -> Iterator[tuple[Keys, dict[str, Any]]]:
    hypothesis = data.get("steady-state-hypothesis")
    probes = hypothesis.get("probes") if isinstance(hypothesis, dict) else None
    lists = {
        ("method",): data.get("method"),
        ("rollbacks",): data.get("rollbacks"),
        ("steady-state-hypothesis", "probes"): probes,
    }
    for keys, activities in lists.items():
        for number, activity in enumerate(activities if isinstance(activities, list) else ()):
            yield (*keys, number), activity if isinstance(activity, dict) else {}


def _providers(value: Any, keys: Keys = ()) -> Iterator[tuple[Keys, Mapping[str, Any]]]:
    if isinstance(value, dict):
        if isinstance(value.get("provider"), dict):
            yield (*keys, "provider"), value["provider"]
        for key, below in value.items():
            yield from _providers(below, (*keys, key))
    elif isinstance(value, list):
        for number, below in enumerate(value):
            yield from _providers(below, (*keys, number))
