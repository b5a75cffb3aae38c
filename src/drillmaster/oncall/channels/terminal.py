"""Pages in the terminal in which Drillmaster runs."""

from collections.abc import Mapping
from typing import Any

from drillmaster.oncall.channels.base import NotDeliveredError, Page, Show


class Terminal:
    """Shows pages."""

    def __init__(self, show: Show | None) -> None:
        self._show = show

    def send(self, page: Page, address: str | None) -> None:  # noqa: ARG002 (there is one terminal)
        """Show it."""
        if self._show is None:
            raise NotDeliveredError("there is no terminal")
        try:
            self._show(page)
        except OSError as error:
            raise NotDeliveredError(f"the terminal is closed ({type(error).__name__})") from None

    def reach(self) -> None:
        """There is a terminal when there is one."""
        if self._show is None:
            raise NotDeliveredError("there is no terminal")


def make(spec: Mapping[str, Any], show: Show | None) -> Terminal:  # noqa: ARG001 (has no settings)
    """The terminal."""
    return Terminal(show)
