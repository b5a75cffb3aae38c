"""For the conformance suite: a small world for each kind of probe.

Another kind of probe joins with a line in `WORLDS`.
"""

import json
import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drillmaster.definitions import probes as written
from drillmaster.targets.base import Identity, Target
from drillmaster.targets.kubernetes.target import KubernetesTarget
from tests.support.http import Asked, Reply, closed_port, serving
from tests.support.target import MemoryTarget

ME = Identity("responder-2")
CHECKOUT = {"namespace": "shop", "workload": "checkout", "timeout": "500ms"}


@dataclass(frozen=True)
class World:
    """Three questions, each as it is written in a file."""

    holds: dict[str, Any]
    """The answer is yes."""
    fails: dict[str, Any]
    """The answer is clear, and not yes."""
    silent: dict[str, Any]
    """Nothing answers; where it is about the target: the same question as `holds`."""
    target: Target
    mute: Target
    """A target that never answers."""


def _world(
    stack: ExitStack, holds: dict[str, Any], fails: dict[str, Any], silent: dict[str, Any]
) -> World:
    never = threading.Event()
    stack.callback(never.set)
    target = MemoryTarget(may={(ME.id, "scale")})
    target.did(ME.id, "scale")
    return World(holds, fails, silent, target, MemoryTarget(hangs=never))


def _http(_folder: Path, stack: ExitStack) -> World:
    url = stack.enter_context(serving(lambda asked: Reply(200 if asked.path == "/" else 503)))
    nowhere = {"url": f"http://127.0.0.1:{closed_port()}/"}
    return _world(stack, {"url": f"{url}/"}, {"url": f"{url}/broken"}, nowhere)


def _command(_folder: Path, stack: ExitStack) -> World:
    endless = {"run": [sys.executable, "-c", "import time; time.sleep(60)"], "timeout": "200ms"}
    return _world(stack, {"run": ["true"]}, {"run": ["false"]}, endless)


def _sql(folder: Path, stack: ExitStack) -> World:
    shop = {"url": f"sqlite:///{folder / 'shop.db'}"}
    (folder / "shop.db").touch()
    nowhere = {"url": f"postgresql+psycopg://127.0.0.1:{closed_port()}/shop"}
    return _world(stack, shop, shop | {"statement": "select * from orders"}, nowhere)


def _kubernetes(folder: Path, stack: ExitStack) -> World:
    """An API server that lets everybody look at pods, and nobody delete them."""

    def answer(asked: Asked) -> Reply:
        if asked.path == "/api/v1":
            pods = {"name": "pods", "namespaced": True, "kind": "Pod", "verbs": ["get", "delete"]}
            return Reply(body=_json({"resources": [pods]}))
        if "subjectaccessreviews" not in asked.path:
            return Reply(403, _json({}))
        attributes = json.loads(asked.body)["spec"]["resourceAttributes"]
        return Reply(201, _json({"status": {"allowed": attributes["verb"] == "get"}}))

    (folder / "token").write_text("t", encoding="utf-8")
    where = {"kind": "kubernetes", "namespaces": ["shop"], "token": f"file:{folder / 'token'}"}
    url = stack.enter_context(serving(answer))
    silent = f"http://127.0.0.1:{closed_port()}"
    target, mute = (
        stack.enter_context(closing(KubernetesTarget(where | {"server": server}, 1.0)))
        for server in (url, silent)
    )
    holds = {"verb": "get", "resource": "pods", "namespace": "shop"}
    return World(holds, holds | {"verb": "delete"}, holds, target, mute)


def _json(value: object) -> bytes:
    return json.dumps(value).encode()


def _about(other: dict[str, Any], **words: Any) -> Callable[[Path, ExitStack], World]:
    """A question to the target; with the other words the answer is not yes."""
    holds = CHECKOUT | words
    return lambda _folder, stack: _world(stack, holds, holds | other, holds)


WORLDS: dict[type, Callable[[Path, ExitStack], World]] = {
    written.HttpProbe: _http,
    written.CommandProbe: _command,
    written.SqlProbe: _sql,
    written.StateProbe: _about({"at_least": 5}, what="desired-replicas", at_least=4),
    written.PermissionProbe: _about({"can": "failover"}, can="scale"),
    written.KubernetesProbe: _kubernetes,
    written.AuditProbe: _about({"action": "failover"}, action="scale"),
}
