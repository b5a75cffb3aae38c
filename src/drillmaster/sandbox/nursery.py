"""The nursery: a small process that makes replicas and databases by forking.

A Python process with a web server in it takes 0.2 s to load; a fork of one that has
loaded takes 3 ms. The nursery has no threads and no event loop, so that forking it is
safe, which it would not be in the host. It is the parent of all that it makes: it sees
each death at once, and a process id that it kills cannot have been given to another.

Its orders are lines of JSON: `{"start": name, "role": …, "arguments": {…}}` and
`{"kill": name, "signal": n}`. It tells `{"started": name, "pid": n, "port": n}` and
`{"ended": name}`. When the host's end closes, it kills all and ends.
"""

import json
import os
import selectors
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from drillmaster.sandbox import database, replica
from drillmaster.sandbox.child import Birth
from drillmaster.sandbox.listening import listener, port_of

ROLES: dict[str, Callable[[Birth], None]] = {"replica": replica.run, "database": database.run}
"""What a child becomes; none of them returns before it is told to end."""


class Nursery:
    """The parent of all replicas and databases."""

    def __init__(self, control: socket.socket, lifeline: int) -> None:
        self._control = control
        self._lifeline = lifeline
        self._children: dict[int, str] = {}
        self._deaths, wakeup = socket.socketpair()
        self._deaths.setblocking(False)
        wakeup.setblocking(False)
        self._wakeup = wakeup
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wakeup.fileno())

    def run(self) -> None:
        """Follow orders until the host's end of the connection closes."""
        selector = selectors.DefaultSelector()
        selector.register(self._control, selectors.EVENT_READ)
        selector.register(self._deaths, selectors.EVENT_READ)
        unread = b""
        try:
            while True:
                ready = {key.fileobj for key, _ in selector.select()}
                if self._deaths in ready:
                    self._deaths.recv(4096)
                    self._reap()
                if self._control in ready:
                    received = self._control.recv(65536)
                    if not received:
                        return
                    *lines, unread = (unread + received).split(b"\n")
                    for line in lines:
                        self._follow(json.loads(line))
        finally:
            selector.close()
            self._kill_all()

    def _follow(self, order: dict[str, Any]) -> None:
        if "start" in order:
            self._start(order["start"], order["role"], order["arguments"])
            return
        for pid, name in self._children.items():
            if name == order["kill"]:
                os.kill(pid, order["signal"])

    def _start(self, name: str, role: str, arguments: dict[str, Any]) -> None:
        # The port is open before the child is: a request in between waits, and is served.
        listening = listener()
        port = port_of(listening)
        pid = os.fork()
        if pid == 0:
            self._become(ROLES[role], Birth(name, listening, self._lifeline, arguments))
        listening.close()
        self._children[pid] = name
        self._tell({"started": name, "pid": pid, "port": port})

    def _become(self, role: Callable[[Birth], None], birth: Birth) -> None:
        """In the child: forget the nursery, and live until told to end."""
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for connection in (self._control, self._deaths, self._wakeup):
                connection.close()
            role(birth)
        finally:
            os._exit(0)

    def _reap(self) -> None:
        with suppress(ChildProcessError):
            while True:
                pid, _ = os.waitpid(-1, os.WNOHANG)
                if pid == 0:
                    return
                self._tell({"ended": self._children.pop(pid)})

    def _tell(self, news: dict[str, Any]) -> None:
        with suppress(OSError):  # the host is gone: the next read says so
            self._control.sendall(json.dumps(news).encode() + b"\n")

    def _kill_all(self) -> None:
        signal.set_wakeup_fd(-1)
        for pid in self._children:
            os.kill(pid, signal.SIGKILL)
        for pid in self._children:
            os.waitpid(pid, 0)


def main() -> None:
    """Be the nursery of the host whose connection and lifeline are the arguments."""
    os.chdir("/")
    control, lifeline = (int(argument) for argument in sys.argv[1:])
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 2)  # so far, an import that fails was told to whoever starts the sandbox
    os.close(nothing)
    Nursery(socket.socket(fileno=control), lifeline).run()


if __name__ == "__main__":
    main()
