"""The doors that simulated responders use, which write down who comes."""

import json
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from tests.support.http import Asked, Reply

WAIT = 20.0
"""Seconds that anything may take on a busy machine."""

Entry = tuple[str, str]
"""Who came, as `page of …` or `token of …`, and for what."""


@dataclass
class World:
    """The doors: pages' links, and a sandbox that refuses or not."""

    refuses: bool = False
    fails: int = 0
    """How many link requests are still answered by an error."""
    knocked: list[Entry] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)
    url: str = ""

    def answer(self, asked: Asked) -> Reply:
        if self.fails and asked.path.startswith("/page/"):
            self.fails -= 1
            return Reply(503)
        token = asked.headers.get("authorization", "").removeprefix("Bearer ")
        parts = asked.path.strip("/").split("/", 2)
        body = json.loads(asked.body or b"{}")
        if parts[0] == "page":
            door = parts[2] + (f" {body['choice']}" if "choice" in body else "")
            entry = (f"page of {parts[1]}", door)
            assert not token, "a person's token is for the sandbox alone"
        else:
            entry = (token, asked.path.rsplit("/", 1)[1])
        with self.changed:
            self.knocked.append(entry)
            self.times.append(time.monotonic())
            self.bodies.append(body)
            self.changed.notify_all()
        return Reply(403 if self.refuses and parts[0] != "page" else 200)

    def wait_for(self, *entries: Entry) -> None:
        """Wait until all of them have come in, in whatever order."""
        with self.changed:
            came = self.changed.wait_for(
                lambda: all(entries.count(e) <= self.knocked.count(e) for e in entries), WAIT
            )
        assert came, f"only {self.knocked}"

    def reset(self) -> None:
        """Forget what was before."""
        self.refuses, self.fails = False, 0
        for seen in (self.knocked, self.times, self.bodies):
            seen.clear()

    def page(self, person: str) -> dict[str, Any]:
        """A page that rings for an incident of its own."""
        return {
            "page": "p-1",
            "incident": f"inc-{time.monotonic_ns()}",
            "run": "run-1",
            "service": "checkout",
            "severity": "critical",
            "summary": "[DRILL] checkout",
            "person": person,
            "role": "secondary",
            "level": 2,
            "links": {"page": f"{self.url}/page/{person}"},
            "others": {"responder-3": f"{self.url}/page/responder-3"},
            "automation": f"{self.url}/page/automation",
        }
