import sys
from pathlib import Path

import pytest

from drillmaster.definitions.environment import Channel
from drillmaster.errors import InvalidError
from drillmaster.oncall import registry
from drillmaster.oncall.base import Provider
from drillmaster.oncall.channels import registry as channels
from drillmaster.oncall.embedded import EmbeddedProvider
from drillmaster.timeline.store import Store
from tests.support.hands import HandClock
from tests.support.oncall import drill, log_of, short, team


def test_the_environment_says_which_provider(store: Store, clock: HandClock) -> None:
    provider: Provider = registry.provider_for(team(), store, clock)
    assert isinstance(provider, EmbeddedProvider)
    assert provider.roster() == {"primary": ["ana"], "secondary": ["ben", "bea"], "third": ["cleo"]}


def test_a_provider_comes_back_from_its_data(store: Store, clock: HandClock) -> None:
    screen = [Channel.model_validate({"terminal": {}})]
    first = registry.provider_for(team(), store, clock, extra_contacts={"ana": screen})
    first.open(drill())
    again = registry.from_data(first.as_data(), store, clock)
    assert isinstance(again, EmbeddedProvider)
    assert short(log_of(again))[0] == "incident-opened"
    again.resolve("inc-1", "reaper")
    assert short(log_of(again))[-1] == "resolved reaper"
    assert again.as_data() == first.as_data()
    with pytest.raises(InvalidError, match="knows the environment"):
        again.open(drill("inc-2"))
    with pytest.raises(InvalidError, match="knows the environment"):
        again.roster()


def test_an_unknown_provider_is_named_with_those_there_are(store: Store, clock: HandClock) -> None:
    with pytest.raises(InvalidError, match="no provider called 'carrier-pigeon'; there are: emb"):
        registry.from_data({"provider": "carrier-pigeon"}, store, clock)


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another package, installed: a channel, and one that cannot be imported."""
    (tmp_path / "pigeons.py").write_text("def make(spec, show):\n    return ('pigeon', spec)\n")
    info = tmp_path / "pigeons-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: pigeons\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[drillmaster.channels]\n"
        "pigeon = pigeons:make\nbroken = no_such_module:make\nwebhook = pigeons:make\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "pigeons", raising=False)


@pytest.mark.usefixtures("plugin")
def test_another_package_brings_a_channel() -> None:
    assert channels.make("pigeon", {"loft": 3}, None) == ("pigeon", {"loft": 3})  # type: ignore[comparison-overlap]  # what the plugin makes
    with pytest.raises(InvalidError, match="there are: broken, email, pigeon, terminal, webhook"):
        channels.make("pidgeon", {}, None)


@pytest.mark.usefixtures("plugin")
def test_another_package_replaces_none_of_ours() -> None:
    made = channels.make("webhook", {"url": "http://127.0.0.1:9"}, None)
    assert type(made).__name__ == "Webhook"


@pytest.mark.usefixtures("plugin")
def test_a_package_that_cannot_be_imported_is_an_error_of_one_line() -> None:
    with pytest.raises(InvalidError, match="'broken' cannot be loaded: ModuleNotFoundError"):
        channels.make("broken", {}, None)
