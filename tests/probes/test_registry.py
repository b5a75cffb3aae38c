from importlib.metadata import EntryPoint

import pytest

from drillmaster.clock import SteadyClock
from drillmaster.definitions import probes as written
from drillmaster.errors import InvalidError
from drillmaster.probes import registry
from drillmaster.probes.base import Answer, Asking
from drillmaster.probes.moment import Moment
from tests.support.http import Reply, serving
from tests.support.target import MemoryTarget

ASKING = Asking(SteadyClock(), MemoryTarget())


class Tide(written.Probe):
    """A kind of another package."""


def high(body: Tide, asking: Asking) -> Answer:
    return Moment(asking.clock).answer("yes", 1, "high tide")


NOT_A_PAIR = 7


def test_every_kind_that_can_be_written_can_be_asked() -> None:
    bodies = {
        field.annotation
        for choice in (written.Question, written.Evidence, written.AbortCondition)
        for name in choice.kinds()
        for field in [choice.model_fields[name]]
    }
    named = {kind for union in bodies for kind in getattr(union, "__args__", ())}
    probes = {kind for kind in named if isinstance(kind, type) and issubclass(kind, written.Probe)}
    assert len(probes) >= 6
    assert all(any(base in registry.KINDS for base in kind.__mro__) for kind in probes)


def test_a_condition_that_holds_a_while_is_asked_like_its_base() -> None:
    with serving(lambda _: Reply(503)) as url:
        held = written.HeldHttp.model_validate({"url": url, "status_not": 200, "for": "30s"})
        assert registry.ask(held, ASKING).met
    shape = {"namespace": "shop", "workload": "checkout", "what": "database", "equals": "standby"}
    assert registry.ask(written.HeldState.model_validate(shape | {"for": "5s"}), ASKING).met


def test_nothing_can_ask_a_self_report() -> None:
    with pytest.raises(InvalidError, match="SelfReport"):
        registry.ask(written.SelfReport(), ASKING)


def _installed(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    point = EntryPoint("tide", value, registry.GROUP)
    monkeypatch.setattr(registry, "entry_points", lambda group: [point])
    registry._others.cache_clear()
    monkeypatch.setattr(registry, "_others", registry._others.__wrapped__)


def test_another_package_adds_a_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    _installed(monkeypatch, f"{__name__}:PAIR")
    assert registry.ask(Tide(), ASKING).detail == "high tide"


@pytest.mark.parametrize("value", ["no.such.module:PAIR", f"{__name__}:NOT_A_PAIR"])
def test_a_kind_that_does_not_load_is_named(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    _installed(monkeypatch, value)
    with pytest.raises(InvalidError, match="tide"):
        registry.ask(Tide(), ASKING)


PAIR = (Tide, high)
