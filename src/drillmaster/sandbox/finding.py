"""Finding the sandboxes of an environment that live on this machine."""

import json
import os
import socket
from datetime import datetime
from typing import Annotated, Any, Literal

import psutil
from pydantic import BaseModel, StringConstraints, ValidationError

from drillmaster.errors import DrillmasterError, ExitCode
from drillmaster.process import ProcessIdentity
from drillmaster.sandbox import beacon
from drillmaster.targets.base import Address, UnreachableError

_MOST = 1 << 16
"""Bytes of an address, at the most."""

_Url = Annotated[str, StringConstraints(pattern=r"^http://127\.0\.0\.1:\d{1,5}$")]


class _Told(BaseModel):
    """What a sandbox tells of itself. Whoever has our user can listen under such a name, and a
    sandbox of another version may tell something else."""

    kind: Literal["sandbox"]
    id: str
    run: str
    environment: str
    admin: _Url
    proxy: _Url
    hold: tuple[Literal["127.0.0.1"], int]
    process: ProcessIdentity
    token: str
    tokens: dict[str, str]


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
    pid: int | None = None
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(timeout)
        try:
            line.connect(f"\0{name}")
            if beacon.user_of(line) != os.getuid():
                return None  # somebody else took the name: it is no sandbox of ours
            pid = beacon.process_of(line)
            with line.makefile("rb") as answer:
                told: Any = json.loads(answer.readline(_MOST) or b"null")
            if told is not None:
                _Told.model_validate(told)
        except ConnectionError:
            return None
        except OSError:
            raise UnreachableError(_silent(name, pid, timeout)) from None
        except (ValueError, RecursionError) as error:  # its text would hold what was told
            raise UnreachableError(_malformed(name, pid, error)) from None
    address: Address | None = told
    return address


def _silent(name: str, pid: int | None, timeout: float) -> str:
    """A sandbox that does not answer: what it is, where, since when, and what to do."""
    if pid is None:
        do = "end its process, and what is in it goes with it"
    elif _is_stopped(pid):
        do = f"it is stopped: `kill -CONT {pid}` lets it go on, and `kill -9 {pid}` ends it"
    else:
        do = f"`kill -9 {pid}` ends it, and what is in it goes with it"
    return (
        f"a sandbox ({_process(name, pid)}) does not answer within {timeout:g} s, and may be of "
        f"this environment or of another; {do}; then sweep again"
    )


def _malformed(name: str, pid: int | None, error: Exception) -> str:
    """Something that answers as a sandbox would, and tells no address of one."""
    wrong = "it is no JSON"
    if isinstance(error, ValidationError):
        parts = {str(one["loc"][0]) if one["loc"] else "all of it" for one in error.errors()}
        wrong = f"wrong or missing: {', '.join(sorted(parts))}"
    return (
        f"what answers as a sandbox ({_process(name, pid)}) tells no address of one ({wrong}); "
        "if it is of another version of Drillmaster, sweep with that one, else end it: "
        f"`kill {pid}`"
    )


def _process(name: str, pid: int | None) -> str:
    """`id 3f2a…, process 4711 on this machine since 2026-11-28 16:40:00`."""
    which = f"id {name.removeprefix(beacon.prefix())}"
    if pid is None:
        return f"{which}, on this machine"
    try:
        since = datetime.fromtimestamp(psutil.Process(pid).create_time()).astimezone()
    except psutil.Error:
        return f"{which}, process {pid} on this machine"
    return f"{which}, process {pid} on this machine since {since:%Y-%m-%d %H:%M:%S}"


def _is_stopped(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_STOPPED)
    except psutil.Error:
        return False
