"""Which on-call providers there are: one line each; others come by entry point."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from drillmaster.clock import Clock
from drillmaster.definitions.environment import Channel, Environment
from drillmaster.oncall.base import Links, Provider
from drillmaster.oncall.channels.base import Show
from drillmaster.oncall.embedded import EmbeddedProvider, no_links
from drillmaster.oncall.plugins import look_up
from drillmaster.timeline.store import Store


class Kind(Protocol):
    """How a provider is made; a class with these two class methods will do."""

    def for_environment(
        self,
        environment: Environment,
        store: Store,
        clock: Clock,
        *,
        links: Links,
        show: Show | None,
        extra_contacts: Mapping[str, Sequence[Channel]] | None,
    ) -> Provider:
        """The provider that an environment describes."""

    def from_data(self, data: Mapping[str, object], store: Store, clock: Clock) -> Provider:
        """A provider that reads and resolves, from what `as_data` gave."""


PROVIDERS: dict[str, Kind] = {
    "embedded": EmbeddedProvider,
}


def provider_for(
    environment: Environment,
    store: Store,
    clock: Clock,
    *,
    links: Links = no_links,
    show: Show | None = None,
    extra_contacts: Mapping[str, Sequence[Channel]] | None = None,
) -> Provider:
    """The on-call provider of an environment.

    Raises:
        InvalidError: nothing that is installed knows it.
    """
    kind = look_up("provider", environment.oncall.provider, PROVIDERS)
    return kind.for_environment(
        environment, store, clock, links=links, show=show, extra_contacts=extra_contacts
    )


def from_data(data: Mapping[str, object], store: Store, clock: Clock) -> Provider:
    """The provider that gave this data, from the store alone: it reads and resolves.

    Raises:
        InvalidError: nothing that is installed knows it.
    """
    return look_up("provider", str(data["provider"]), PROVIDERS).from_data(data, store, clock)
