"""A staging with people on call, to be spoilt, and what preflight says of it."""

import json
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from drillmaster.clock import SteadyClock
from drillmaster.engine.preflight.row import Row
from drillmaster.engine.preflight.subject import Subject, subject_of

Data = dict[str, Any]

_YAML = YAML(typ="safe", pure=True)


def environment(**changes: Any) -> Data:
    """A staging in which all is well."""
    contacts = [{"channel": "chat"}, {"channel": "mail", "address": "x@example.org"}]
    return {
        "schema": "drillmaster/v1",
        "kind": "environment",
        "name": "staging",
        "target": {"kind": "sandbox", "restart": "100ms"},
        "oncall": {
            "provider": "embedded",
            "policy": [
                {"page": "primary", "timeout": "1m"},
                {"page": "secondary", "timeout": "2m"},
            ],
        },
        "people": {
            "ana": {"roles": ["secondary"], "contacts": contacts, "consent": True},
            "ben": {"roles": ["primary"], "contacts": contacts[:1], "consent": True},
        },
        "channels": {
            "chat": {"webhook": {"url": "http://127.0.0.1:9/hook"}},
            "mail": {"email": {"host": "127.0.0.1", "port": 9, "sender": "d@x.org"}},
            "here": {"terminal": {}},
        },
        "links": {"listen": "127.0.0.1:8710", "url": "https://drills.example.org"},
        **changes,
    }


def drill(**changes: Any) -> Data:
    """A drill there."""
    return {
        "schema": "drillmaster/v1",
        "kind": "drill",
        "name": "throttled",
        "title": "Requests are refused",
        "environment": "staging",
        "service": "checkout",
        "steady_state": [{"name": "all is well", "command": {"run": ["true"]}}],
        "faults": [{"throttle": {"namespace": "shop", "selector": "app=checkout", "share": "60%"}}],
        "escalation": {"summary": "checkout refuses requests"},
        "targets": {"secondary_response": "60s"},
        **changes,
    }


def write(path: Path, data: Data) -> Path:
    """A definition, written where it belongs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data), encoding="utf-8")  # which is YAML, too
    return path


def project(folder: Path, where: Data, *drills: Data) -> Path:
    """A drills folder; the environment's file."""
    for one in drills:
        write(folder / "drills" / f"{one['name']}.yaml", one)
    return write(folder / "drills" / "environments" / "staging.yaml", where)


def looking_at(path: Path) -> Subject:
    """What preflight looks at."""
    return subject_of(str(path), SteadyClock())


def paste(row: Row, path: Path) -> None:
    """Do what a row says: put its line where it says that it belongs, and nowhere where a key
    of it stands already."""
    assert row.where is not None
    assert row.mend is not None
    file, _, places = row.where.partition(", under ")
    assert Path(file).name == path.name
    data = _YAML.load(path)
    for place in places.split(" and under "):
        _put(data, place.split(".") if place else [], _YAML.load(row.mend))
    write(path, data)


def _put(data: Any, keys: list[str], line: Any) -> None:
    here = data
    for key in keys:
        here = here.setdefault(key, [] if isinstance(line, list) else {})
    if isinstance(line, list):
        here += line
        return
    for key, value in line.items():
        assert key not in here or isinstance(value, dict), f"{key} would stand there twice"
        here[key] = {**here.get(key, {}), **value} if isinstance(value, dict) else value
