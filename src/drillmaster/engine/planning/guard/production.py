"""Nothing about the target looks like production."""

import re
from collections.abc import Iterable, Iterator

from drillmaster.engine.planning.guard.rule import Files, Live, Verdict, holds, refused

_PRODUCTION = re.compile(r"(?:^|[^a-z])(?:prod|production|prd|live)(?:[^a-z]|$)", re.IGNORECASE)


def not_production(files: Files) -> Verdict:
    """Nothing that is written looks so: the environment's name, its addresses, what it says
    of its target, and the namespaces and selectors of the faults."""
    return _judge("nothing that is written", _written(files))


def target_not_production(live: Live) -> Verdict:
    """Nothing that the target says of itself looks so: its labels, the names of its server
    and of its namespaces."""
    return _judge("nothing that the target says of itself", live.target.names())


def _judge(what: str, names: Iterable[str]) -> Verdict:
    for name in names:
        if _PRODUCTION.search(name):
            return refused(f"{name!r} looks like production")
    return holds(f"{what} looks like production")


def _written(files: Files) -> Iterator[str]:
    environment = files.environment
    yield environment.name
    yield from environment.urls.values()
    yield from environment.target.names
    for fault in files.drill.faults:
        for key in ("namespace", "selector"):
            yield str(getattr(fault.body, key, ""))
