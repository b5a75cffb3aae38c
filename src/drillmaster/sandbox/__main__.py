"""Start a sandbox: leave the caller's process tree, start the nursery, become the host.

The nursery (which makes replicas by forking) is started before the host's own imports,
so that the two load side by side. This file therefore imports nothing heavy, and the
host is a new program in the same process: settings are still unread on its standard
input, and no secret is ever an argument.
"""

import os
import signal
import socket
import subprocess
import sys

_PYTHON = (sys.executable, "-P", "-m")


def main() -> None:
    """Detach, and replace this process by the host."""
    _detach()
    ours, theirs = socket.socketpair()
    lifeline_end, lifeline = os.pipe()
    subprocess.Popen(
        [*_PYTHON, "drillmaster.sandbox.nursery", str(theirs.fileno()), str(lifeline_end)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        pass_fds=(theirs.fileno(), lifeline_end),
    )
    theirs.close()
    os.close(lifeline_end)
    for descriptor in (ours.fileno(), lifeline):
        os.set_inheritable(descriptor, True)
    arguments = ("drillmaster.sandbox.host", str(ours.fileno()), str(lifeline))
    os.execv(sys.executable, [*_PYTHON, *arguments])  # noqa: S606  # an argument list, no shell


def _detach() -> None:
    """Be in nobody's process tree and session.

    The caller sees its child end at once; only the grandchild goes on.
    """
    if child := os.fork():
        os.waitpid(child, 0)
        os._exit(0)
    os.setsid()
    if os.fork():
        os._exit(0)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)


if __name__ == "__main__":
    main()
