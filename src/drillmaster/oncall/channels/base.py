"""What a page says, and what a channel can do with it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from drillmaster.oncall.base import DRILL_MARK


class NotDeliveredError(Exception):
    """The channel did not take the page; the text says why, without any secret."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page to one person. Links are capabilities, so they stay out of its `repr`."""

    page: str
    incident: str
    run: str | None
    """The drill's run; None for a real incident."""
    service: str
    severity: str
    summary: str
    person: str
    role: str
    level: int
    at: datetime
    """When the page was fired."""
    links: Mapping[str, str] = field(default_factory=dict, repr=False)
    """`page`: where the person acknowledges. Empty where no intake is up."""
    others: Mapping[str, str] | None = field(default=None, repr=False)
    """The other people's page links: for a simulated responder, who may play them."""
    automation: str | None = field(default=None, repr=False)
    """The link of an automation that acknowledges: for a simulated responder."""

    @property
    def subject(self) -> str:
        """One line; a drill's begins with the mark."""
        line = " ".join(self.summary.removeprefix(DRILL_MARK).split())
        return " ".join(filter(None, [self._mark, f"{self.severity.capitalize()}: {line}"]))

    @property
    def text(self) -> str:
        """The page in plain text; a drill's begins with the mark."""
        link = self.links.get("page")
        typed = f"drillmaster ack {self.run or self.incident} --as {self.person}"
        how = [link, f"or type: {typed}"] if link else [typed]
        return "\n".join(
            [
                self.subject,
                "",
                "This is a drill: no customer is affected." if self.run else "This is no drill.",
                f"Service:  {self.service}",
                f"You are:  {self.person}, {self.role} on call (level {self.level})",
                f"Incident: {self.incident}",
                f"Paged at: {self.at:%Y-%m-%d %H:%M:%S} UTC",
                "",
                "To acknowledge:",
                *how,
            ]
        )

    @property
    def _mark(self) -> str:
        return DRILL_MARK if self.run else ""


Show = Callable[[Page], None]
"""Shows a page in the terminal in which Drillmaster runs."""


class Channel(Protocol):
    """A way to reach people."""

    def send(self, page: Page, address: str | None) -> None:
        """Send once, without a retry: the next contact is the retry, and a page that is
        sent again by accident would be measured twice.

        Raises:
            NotDeliveredError: the channel did not take the page.
        """

    def reach(self) -> None:
        """See whether a page could be sent now, as far as that can be seen without sending
        anything.

        Raises:
            NotDeliveredError: none could.
            InvalidError: a reference to a secret leads nowhere.
        """


class Make(Protocol):
    """Makes a channel of one kind from its stored definition."""

    def __call__(self, spec: Mapping[str, Any], show: Show | None) -> Channel:
        """The channel; `show` is None where there is no terminal."""
