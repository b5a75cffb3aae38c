"""A process, so identified that no other process ever is.

A target that runs as a process of this machine is provably gone when that process is.
A process id alone is reused. With the host, its boot, the process namespace (containers
on one host number their processes anew) and the start time, a process that is dead can
be told from one that is merely elsewhere.
"""

import getpass
import os
import socket
from pathlib import Path
from typing import Any

import psutil
from pydantic import BaseModel, ConfigDict

from drillmaster.clock import boot_id

MARK = "DRILLMASTER_RUN"
"""The variable by which a run's processes are found: its runner, and whatever it or a
question starts. Who settles the run sees all of them dead."""


def operator() -> str:
    """The system user who acts here."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"


class ProcessIdentity(BaseModel):
    """One process, in one boot of one host."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str
    boot: str
    namespace: str
    pid: int
    started: float
    """When the process started, by the system's own record, in a unit of its own."""

    @classmethod
    def of(cls, pid: int) -> "ProcessIdentity":
        """The identity of a process of this host.

        Raises:
            psutil.NoSuchProcess: there is none.
        """
        return cls(
            host=socket.gethostname(),
            boot=boot_id(),
            namespace=_namespace(),
            pid=pid,
            started=_started(pid),
        )

    @classmethod
    def mine(cls) -> "ProcessIdentity":
        """The identity of this process."""
        return cls.of(os.getpid())

    def provably_dead(self) -> bool:
        """Whether it is certain that the process does not run any more.

        False for a process of another host or namespace: nobody here can tell.
        """
        if self.host != socket.gethostname():
            return False
        if self.boot != boot_id():
            return True  # the host was started anew since
        if self.namespace != _namespace():
            return False
        return not self.alive_here()

    def alive_here(self) -> bool:
        """Whether the process runs on this host, in this namespace, and is no zombie."""
        try:
            if _started(self.pid) != self.started:
                return False
            return psutil.Process(self.pid).status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False

    def as_data(self) -> dict[str, Any]:
        """As a store keeps it."""
        return self.model_dump(mode="json")


def _namespace() -> str:
    try:
        return str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return ""


def _started(pid: int) -> float:
    """Clock ticks since the boot, from /proc: the time of day may jump, ticks do not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        return float(stat.rpartition(")")[2].split()[19])
    except FileNotFoundError:
        if Path("/proc/self/stat").exists():
            raise psutil.NoSuchProcess(pid) from None
        return psutil.Process(pid).create_time()
    except ProcessLookupError:
        raise psutil.NoSuchProcess(pid) from None
