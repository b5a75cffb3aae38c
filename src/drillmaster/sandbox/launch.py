"""Start a sandbox, hold it, and see it gone."""

import json
import os
import socket
import subprocess
import sys
import time
from types import TracebackType
from typing import Final, Self

from drillmaster.errors import DrillmasterError, ExitCode
from drillmaster.process import ProcessIdentity
from drillmaster.sandbox.given import Settings
from drillmaster.targets.base import Address, GoneError, UnreachableError

_PASSED_ON: Final = frozenset({"PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE"})
"""Variables that the sandbox gets, with those of Python. Not all: others may hold secrets,
and a run's id in the environment marks a process that belongs to the runner."""


class LaunchError(DrillmasterError):
    """The sandbox did not start; nothing was touched."""

    exit_code = ExitCode.REFUSED


class Hold:
    """A held sandbox: it lives at least until this is closed, or its process ends."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    def alive(self) -> bool:
        """Whether the sandbox is still there."""
        try:
            return self._connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) != b""
        except BlockingIOError:
            return True
        except OSError:
            return False

    def close(self) -> None:
        """Let go; a second call does nothing."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def launch(settings: Settings, timeout: float = 30.0) -> Address:
    """Start a sandbox and wait until every replica is ready.

    It belongs to nobody's process tree, and leaves by itself unless somebody holds it
    within its grace, five seconds. The address holds the sandbox's throw-away tokens.

    Raises:
        LaunchError: it did not start within `timeout` seconds, or at all.
    """
    starter = subprocess.Popen(
        [sys.executable, "-P", "-m", "drillmaster.sandbox"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={k: v for k, v in os.environ.items() if k in _PASSED_ON or k.startswith("PYTHON")},
    )
    with starter:
        try:
            told, complaint = starter.communicate(settings.model_dump_json() + "\n", timeout)
        except subprocess.TimeoutExpired:
            starter.kill()
            raise LaunchError(f"the sandbox did not start within {timeout:g} s") from None
    if not told:
        why = complaint.strip().splitlines()[-1:] or ["it said nothing"]
        raise LaunchError(f"the sandbox did not start: {why[0]}")
    address: Address = json.loads(told)
    return address


def hold(address: Address, timeout: float = 4.0) -> Hold:
    """Hold a sandbox, from any process of its machine.

    Raises:
        GoneError: it is gone, and everything that was in it.
        UnreachableError: it does not answer within `timeout` seconds, and may be there.
    """
    host, port = address["hold"]
    try:
        connection = socket.create_connection((host, port), timeout)
    except OSError as error:
        raise _absent(address, type(error).__name__) from None
    try:
        with connection.makefile("rb") as greeting:
            known = greeting.readline(128).decode(errors="replace").strip() == address["id"]
    except OSError:
        known = False
    if not known:
        connection.close()
        raise _absent(address, "something else answers")
    connection.settimeout(None)
    return Hold(connection)


def wait_until_gone(address: Address, timeout: float) -> bool:
    """Whether the sandbox was gone within so many seconds. Its replicas go before it."""
    process = ProcessIdentity.model_validate(address["process"])
    until = time.monotonic() + timeout
    while not process.provably_dead():
        if time.monotonic() >= until:
            return False
        time.sleep(0.01)
    return True


def _absent(address: Address, seen: str) -> GoneError | UnreachableError:
    if ProcessIdentity.model_validate(address["process"]).provably_dead():
        return GoneError("the sandbox is gone")
    return UnreachableError(f"the sandbox cannot be held: {seen}")
