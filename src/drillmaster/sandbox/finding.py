"""Finding the sandboxes of an environment that live on this machine."""

import json
import os
import socket
from typing import Any

from drillmaster.errors import DrillmasterError, ExitCode
from drillmaster.sandbox import beacon
from drillmaster.targets.base import Address, UnreachableError


class NotFindableError(DrillmasterError):
    """This system cannot tell which sandboxes there are."""

    exit_code = ExitCode.STUCK


def find(environment: str, timeout: float = 4.0) -> tuple[list[Address], list[UnreachableError]]:
    """The sandboxes of an environment, of this user and on this machine; and what is wrong
    with those that do not say to which environment they belong.

    Raises:
        NotFindableError: the system has no list of them.
    """
    if not beacon.LISTED.exists():
        raise NotFindableError(
            "sandboxes can be found on Linux alone; elsewhere `drillmaster reap` undoes what "
            "the store knows of, and a sandbox ends with the last process that holds it"
        )
    found: list[Address] = []
    silent: list[UnreachableError] = []
    for name in beacon.listed():
        try:
            address = _ask(name, timeout)
        except UnreachableError as error:
            silent.append(error)
            continue
        if address is not None and address["environment"] == environment:
            found.append(address)
    return found, silent


def _ask(name: str, timeout: float) -> Address | None:
    """What the sandbox tells; None for one that has gone meanwhile."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(timeout)
        try:
            line.connect(f"\0{name}")
            if beacon.user_of(line) != os.getuid():
                return None  # somebody else took the name: it is no sandbox of ours
            with line.makefile("rb") as answer:
                told: dict[str, Any] = json.loads(answer.readline() or b"null")
        except ConnectionError:
            return None
        except (OSError, ValueError) as error:
            which = name.removeprefix(beacon.prefix())
            raise UnreachableError(
                f"the sandbox {which} does not answer ({type(error).__name__})"
            ) from None
    return told
