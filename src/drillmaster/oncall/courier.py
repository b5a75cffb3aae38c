"""Brings pages to people: over a person's contacts in order, the next when one fails."""

from collections.abc import Mapping
from concurrent.futures import Future

from drillmaster.clock import Clock
from drillmaster.errors import DrillmasterError
from drillmaster.oncall import background
from drillmaster.oncall.base import Links
from drillmaster.oncall.channels import registry
from drillmaster.oncall.channels.base import NotDeliveredError, Page, Show
from drillmaster.oncall.claims import Claim, Claims
from drillmaster.timeline.store import Store


class Courier:
    """Delivers pages, with the links and the terminal of this process."""

    def __init__(self, store: Store, clock: Clock, links: Links, show: Show | None) -> None:
        self._claims = Claims(store, clock)
        self._clock = clock
        self._links = links
        self._show = show

    def due(self, of: frozenset[str]) -> list[str]:
        """The pages of these incidents that wait for somebody to deliver them."""
        return self._claims.due(of)

    def deliver(self, page: str) -> Future[None]:
        """Begin to deliver a page, unless another process has begun."""
        return background.start(lambda: self._deliver(page))

    def _deliver(self, page: str) -> None:
        while (claim := self._claims.take(page)) is not None:
            failure = self._attempt(claim)
            self._claims.conclude(claim, self._clock.now(), failure)

    def _attempt(self, claim: Claim) -> str | None:
        """Send once; returns why it failed. The contact's time-out bounds the whole of it:
        those of sockets hold for one step only, and a look-up of a name has none."""
        contact = claim.contact
        try:
            channel = registry.make(contact.kind, contact.spec, self._show)
            page = self._page(claim)
            sent = background.start(lambda: channel.send(page, contact.address))
            sent.result(timeout=contact.timeout)
        except TimeoutError:
            return f"no answer within {contact.timeout:g} s"
        except (NotDeliveredError, DrillmasterError) as error:
            return str(error)
        except Exception as error:  # a channel of another package may raise anything
            return f"the channel failed ({type(error).__name__})"
        return None

    def _page(self, claim: Claim) -> Page:
        incident = claim.incident
        links = self._links(incident.id, claim.person)
        # Nobody simulates a person in a real incident.
        simulated = incident.run is not None and incident.policy.people[claim.person].simulated
        return Page(
            page=claim.page,
            incident=incident.id,
            run=incident.run,
            service=incident.service,
            severity=incident.severity,
            summary=incident.summary,
            person=claim.person,
            role=claim.role,
            level=claim.level,
            at=claim.fired_at,
            links=links,
            others=self._others(claim) if simulated else None,
            automation=links.get("automation") if simulated else None,
        )

    def _others(self, claim: Claim) -> Mapping[str, str]:
        """The page links of everybody else, for a simulation of the wrong person."""
        people = [who for who in claim.incident.policy.people if who != claim.person]
        links = {who: self._links(claim.incident.id, who).get("page") for who in people}
        return {who: link for who, link in links.items() if link is not None}
