"""Nothing about the target looks like production."""

from collections.abc import Iterable, Iterator
from typing import Any

from drillmaster.definitions.chaos import Chaos, Experiment
from drillmaster.definitions.production import looks_like_production
from drillmaster.engine.planning.guard.rule import Files, Live, Verdict, holds, refused
from drillmaster.faults.chaostoolkit.order import experiment_of

_NAMES = {"title", "description", "name", "tags", "contributions", "module", "func", "elsewhere"}


def not_production(files: Files) -> Verdict:
    """Nothing that is written looks so: the environment's name, its addresses, what it says
    of its target, the namespaces and selectors of the faults, and what Chaos Toolkit would be
    told."""
    return _judge("nothing that is written", _written(files))


def target_not_production(live: Live) -> Verdict:
    """Nothing that the target says of itself looks so: its labels, the names of its server
    and of its namespaces."""
    return _judge("nothing that the target says of itself", live.target.names())


def _judge(what: str, names: Iterable[str]) -> Verdict:
    for name in names:
        if looks_like_production(name):
            return refused(f"{name!r} looks like production")
    return holds(f"{what} looks like production")


def _written(files: Files) -> Iterator[str]:
    environment = files.environment
    yield environment.name
    yield from environment.urls.values()
    yield from environment.target.names
    for fault in files.drill.faults:
        for key in ("namespace", "selector", "nodes", "secret", "config_map"):
            yield str(getattr(fault.body, key, ""))
        if isinstance(fault.body, Chaos | Experiment):
            yield from _texts(fault.body.affects.model_dump(mode="json"))
            yield from _texts(experiment_of(fault.body, files.bundle.experiments))


def _texts(value: Any, *, every: bool = False) -> Iterator[str]:
    """What activities are told; not how they are called, or what people read of them."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, one in value.items():
            if every or key not in _NAMES:
                yield from _texts(one, every=every or key == "arguments")
    elif isinstance(value, list):
        yield from (text for one in value for text in _texts(one, every=every))
