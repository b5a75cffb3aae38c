"""A connection to the keeper of a control plane, which lives while somebody holds one.

The program is tests/controlplane, and `make controlplane` builds it. The kernel closes the
connection however this process ends, and with the last one the control plane ends as well.
"""

import json
import os
import socket
import subprocess
import time
from pathlib import Path
from typing import Any, Self

PART = "controlplane"
"""Its name in DRILLMASTER_REQUIRE."""

PROGRAMS = Path(__file__).parents[3] / ".build" / "controlplane"
PROGRAM = PROGRAMS / "controlplane"
KUBECTL = PROGRAMS / "kubectl"
"""kubectl, of the version of the control plane."""

PATIENCE = 110.0
"""Seconds in which a control plane comes up, on a machine that has much else to do."""


class KeeperError(Exception):
    """A control plane did not start, or ended by itself."""


class Keeper:
    """A control plane that is held. Whoever names the same one shares it."""

    def __init__(self, name: str) -> None:
        self._address = f"\0drillmaster-controlplane-{os.geteuid()}-{name}"
        deadline = time.monotonic() + PATIENCE
        while (news := self._join(deadline)) is None:
            # It was about to end when we came; the next one is ours.
            if time.monotonic() > deadline:
                raise KeeperError(f"no control plane came in {PATIENCE:.0f} s")
        self.news = news
        """`kubeconfig` and `audit`: paths. `keeper`: a process id."""

    def _join(self, deadline: float) -> dict[str, Any] | None:
        subprocess.run(
            [PROGRAM, "start", self._address[1:]],
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            timeout=60,
        )
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(max(1.0, deadline - time.monotonic()))
        try:
            self._socket.connect(self._address)
            self._lines = self._socket.makefile("rb")
            return self._hear()
        except (ConnectionError, EOFError):
            self.close()
            return None
        except BaseException:
            self.close()
            raise

    def _hear(self) -> dict[str, Any]:
        line = self._lines.readline()
        if not line:
            raise EOFError
        said: dict[str, Any] = json.loads(line)
        if "failed" in said:
            raise KeeperError(said["failed"])
        return said

    def order(self, order: str) -> None:
        """Have something done: `stop-api`, `start-api`, `pause-api` or `resume-api`."""
        self._socket.settimeout(PATIENCE)
        self._socket.sendall(order.encode() + b"\n")
        self._hear()

    def close(self) -> None:
        """Let go."""
        if hasattr(self, "_lines"):
            self._lines.close()
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
