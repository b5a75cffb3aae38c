"""Which kinds of probe there are: one line a kind, and what other packages bring along.

Another package adds a kind by an entry point of the group `drillmaster.probes` whose
object is a pair: the model of what is written under the kind, and the function that asks.
"""

from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from drillmaster.definitions import probes as written
from drillmaster.errors import InvalidError
from drillmaster.probes import audit, command, http, kubernetes, permission, sql, state
from drillmaster.probes.base import Answer, Ask, Asking

GROUP = "drillmaster.probes"

KINDS: dict[type, Ask] = {
    written.HttpProbe: http.ask,
    written.CommandProbe: command.ask,
    written.SqlProbe: sql.ask,
    written.StateProbe: state.ask,
    written.PermissionProbe: permission.ask,
    written.KubernetesProbe: kubernetes.ask,
    written.AuditProbe: audit.ask,
}


def ask(body: Any, asking: Asking) -> Answer:
    """Ask one question, whose kind is the type of its body or the nearest base of it.

    It never raises for what the world does: a world that cannot be asked is an answer too.

    Raises:
        InvalidError: no kind of probe is known for such a body.
    """
    for kind in type(body).__mro__:
        found = KINDS.get(kind) or _others().get(kind)
        if found is not None:
            return found(body, asking)
    raise InvalidError(f"nothing can ask a {type(body).__name__}")


@cache
def _others() -> dict[type, Ask]:
    """The kinds that other installed packages bring along, loaded once when first needed."""
    return dict(map(_load, entry_points(group=GROUP)))


def _load(point: EntryPoint) -> tuple[type, Ask]:
    try:
        kind, function = point.load()
    except Exception as error:
        raise InvalidError(
            f"the probe {point.name} ({point.value}) does not load: {error}"
        ) from error
    return kind, function
