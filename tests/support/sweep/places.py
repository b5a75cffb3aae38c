"""Where a drill that is killed goes on: what shows its faults, and whether all is well again."""

import contextlib
from pathlib import Path
from typing import Any, Protocol

import httpx

from drillmaster.errors import DrillmasterError
from drillmaster.sandbox.launch import Hold, hold, wait_until_gone
from tests.support.drills import DRILL, write_project


class Place(Protocol):
    """A target, as the sweep sees it."""

    soon: float
    """Seconds in which everything must be undone and settled."""

    def project(self, folder: Path) -> Path:
        """Write a drill for it, of a second and a half; the drill's path."""

    def arguments(self) -> list[str]:
        """What else the command is told."""

    def find(self, address: dict[str, Any]) -> None:
        """The target of the run is known."""

    def look(self) -> bool:
        """Whether a fault is in force there."""

    def problems(self) -> list[str]:
        """What is not well there, once all is over and nobody looks any more."""

    def close(self) -> None:
        """Let go of it."""


class SandboxPlace:
    """The sandbox of the run, held."""

    soon = 5.0

    def __init__(self) -> None:
        self._address: dict[str, Any] = {}
        self._hold: Hold | None = None
        self._admin: httpx.Client | None = None

    def project(self, folder: Path) -> Path:
        return write_project(folder, DRILL.replace("duration: 2m", "duration: 1500ms"))

    def arguments(self) -> list[str]:
        return []

    def find(self, address: dict[str, Any]) -> None:
        self._address = address
        with contextlib.suppress(DrillmasterError):
            self._hold = hold(address)
        headers = {"Authorization": f"Bearer {address['token']}"}
        self._admin = httpx.Client(
            base_url=address["admin"], headers=headers, trust_env=False, timeout=5
        )

    def look(self) -> bool:
        if self._admin is None:
            return False
        try:
            marks = self._admin.get("/v1/faults").json()
        except httpx.TransportError:
            return False  # gone, and every fault with it
        return any(mark["lifted"] is None for mark in marks)

    def problems(self) -> list[str]:
        found = []
        if self._hold is not None and self._hold.alive():
            if self.look():
                found.append("a fault is in force")
            if not self._served():
                found.append("requests are not served")
            self._hold.close()
        if self._address and not wait_until_gone(self._address, 15):
            found.append("the sandbox stays")
        return found

    def close(self) -> None:
        if self._hold is not None:
            self._hold.close()
        if self._admin is not None:
            self._admin.close()

    def _served(self, count: int = 8) -> bool:
        """Whether the proxy serves that many requests in a row."""
        with httpx.Client(base_url=self._address["proxy"], trust_env=False, timeout=2) as client:
            return all(client.get("/checkout").status_code == 200 for _ in range(count))
