"""A real drill on the sandbox, watched by somebody who is no part of it: they play its people,
look at the sandbox every 20 ms, and write down between which moments each thing happened.

Everything is in seconds since the run began, by the clock that all processes of a boot share.
"""

import json
import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from shutil import copytree
from typing import Any

import httpx
import yaml

from drillmaster.clock import Anchor, SteadyClock
from drillmaster.sandbox.responders.doors import Page, SandboxConsole
from drillmaster.sandbox.steps import Action
from drillmaster.targets.sandbox import SandboxTarget
from drillmaster.timeline.chain import Recorded, verify
from drillmaster.timeline.log import read
from tests.support.drills import RunningDrill, eventually, running
from tests.support.http import Asked, Reply, serving
from tests.support.shipped import DRILLS

LOOK = 0.02
"""Seconds between two looks."""

Between = tuple[float, float]
"""The last moment before and the first moment after something happened."""

WORK = (
    Action("view", "shop", "checkout"),
    Action("lift-throttle", "shop", "checkout"),
    Action("scale", "shop", "checkout", {"replicas": 6}),
)


@dataclass
class Seen:
    """What was seen from outside."""

    pages: dict[str, float] = field(default_factory=dict)
    """When a page came to a person."""
    did: dict[str, Between] = field(default_factory=dict)
    """Between which moments somebody did something: `responder-2 ack`."""
    effect: Between = (0.0, math.inf)
    gone: Between = (0.0, math.inf)
    well: Between = (0.0, math.inf)
    """Since when everything is well."""


@dataclass
class Watched:
    """A drill that is over."""

    records: list[Recorded]
    seen: Seen


class _Outside:
    """Plays the people, and looks."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._client = httpx.Client(trust_env=False, timeout=5)
        self._links: dict[str, str] = {}
        self._over = threading.Event()
        self.paged = {who: threading.Event() for who in ("responder-1", "responder-2")}
        self.seen = Seen()
        self.errors: list[BaseException] = []
        self._threads: list[threading.Thread] = []

    def take(self, asked: Asked) -> Reply:
        """A page comes in."""
        at, page = time.monotonic(), json.loads(asked.body)
        who = page["person"]
        self.seen.pages.setdefault(who, at)
        self._links[who] = page["links"]["page"]
        self.paged[who].set()
        return Reply(202)

    def act(self, address: dict[str, Any]) -> None:
        """The primary hands over, and the secondary works."""
        self._press("responder-1", "ack", 0.2, 1.0)
        self._press("responder-1", "hand-over", 0.2, 1.0)
        self._press("responder-2", "ack", 0.3, 3.0)
        console = SandboxConsole(self._client, address["admin"], address["tokens"]["responder-2"])
        for action in WORK:
            self._do("responder-2", action.action, partial(console.act, action), 0.3, 1.5)

    def look(self, address: dict[str, Any]) -> None:
        """See the first effect, the end of the last fault, and when all was well again."""
        with closing(SandboxTarget(address, timeout=2.0)) as target:
            self._look(target, address["proxy"])

    def _look(self, target: SandboxTarget, proxy: str) -> None:
        before = time.monotonic()
        while not self._over.is_set():
            begun = time.monotonic()
            marks = target._marks()
            state = target.state("shop", "checkout")
            served = self._client.get(f"{proxy}/healthz").status_code == 200
            ended = time.monotonic()
            if self.seen.effect[1] == math.inf and any(
                mark.effects.limited or mark.effects.killed for mark in marks
            ):
                self.seen.effect = (before, ended)
            if any(mark.lifted is None for mark in marks):
                self.seen.gone = (begun, math.inf)
            elif self.seen.gone[0] and self.seen.gone[1] == math.inf:
                self.seen.gone = (self.seen.gone[0], ended)
            if state is None or state.ready < 4 or not served:
                self.seen.well = (begun, math.inf)
            elif self.seen.well[1] == math.inf:
                self.seen.well = (self.seen.well[0], ended)
            before = begun
            self._over.wait(LOOK)

    def stop(self) -> None:
        """Look no more."""
        self._over.set()
        for thread in self._threads:
            thread.join()
        self._client.close()

    def started(self, work: Callable[[dict[str, Any]], None], address: dict[str, Any]) -> None:
        def run() -> None:
            try:
                work(address)
            except BaseException as error:
                self.errors.append(error)

        self._threads.append(threading.Thread(target=run, daemon=True))
        self._threads[-1].start()

    def _press(self, who: str, door: str, shortest: float, longest: float) -> None:
        assert self.paged[who].wait(60), f"{who} was not paged"
        page = Page(self._client, SteadyClock(), self._links[who])
        self._do(who, door, lambda: page.press(door), shortest, longest)

    def _do(
        self, who: str, what: str, deed: Callable[[], None], shortest: float, longest: float
    ) -> None:
        self._over.wait(self._random.uniform(shortest, longest))
        begun = time.monotonic()
        deed()
        self.seen.did[f"{who} {what}"] = (begun, time.monotonic())


def watch(folder: Path, seed: int) -> Watched:
    """Drill once."""
    outside = _Outside(Random(f"observed {seed}"))
    with serving(outside.take) as url, _drilling(folder, url) as drill:
        outside.started(outside.look, drill.address)
        outside.started(outside.act, drill.address)
        try:
            row = drill.await_settled(90)
            eventually(lambda: outside.seen.well[1] < math.inf, 10, "all is well")
        finally:
            outside.stop()
        records = verify(read(drill.store, row.run))
        anchor = Anchor.model_validate(row.anchor)
    assert not outside.errors, outside.errors
    began = anchor.monotonic + (records[0].event.occurred_at - anchor.wall).total_seconds()
    return Watched(records, _since(outside.seen, began))


@contextmanager
def _drilling(folder: Path, url: str) -> Iterator[RunningDrill]:
    """The shipped drill with a hand-over, whose people are paged at a URL."""
    copytree(DRILLS, folder / "drills")
    path = folder / "drills" / "environments" / "sandbox.yaml"
    environment = yaml.safe_load(path.read_text())
    environment["channels"] = {"hook": {"webhook": {"url": url}}}
    for who in ("responder-1", "responder-2"):
        person = environment["people"][who]
        person.pop("simulate")
        person |= {"contacts": [{"channel": "hook"}], "consent": True}
    path.write_text(yaml.safe_dump(environment))
    with running(folder, "drills/checkout-hand-over.yaml", "--yes") as drill:
        yield drill


def _since(seen: Seen, began: float) -> Seen:
    def moved(times: Between) -> Between:
        return times[0] - began, times[1] - began

    return Seen(
        pages={who: at - began for who, at in seen.pages.items()},
        did={what: moved(times) for what, times in seen.did.items()},
        effect=moved(seen.effect),
        gone=moved(seen.gone),
        well=moved(seen.well),
    )
