"""Sees what a process does while it should only read: Python's own audit events."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_FORBIDDEN = (
    *("os.system", "os.exec", "os.posix_spawn", "os.fork", "os.forkpty", "subprocess.Popen"),
    *("socket.connect", "socket.getaddrinfo", "socket.bind", "ctypes.dlopen", "webbrowser.open"),
    *("os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.link", "os.symlink", "os.truncate"),
    *("os.chmod", "os.chown", "os.utime", "os.kill", "os.chdir"),
    *("shutil.rmtree", "shutil.copyfile", "shutil.move", "tempfile.mkstemp", "tempfile.mkdtemp"),
)

_seen: list[str] | None = None
_hooked = False


@contextmanager
def tripwires() -> Iterator[list[str]]:
    """Whatever is done meanwhile that reading a definition does not need."""
    global _seen, _hooked  # noqa: PLW0603 (a hook of Python's stays for ever)
    if not _hooked:
        sys.addaudithook(_hear)
        _hooked = True
    found: list[str] = []
    _seen = found
    try:
        yield found
    finally:
        _seen = None


def _hear(event: str, arguments: tuple[Any, ...]) -> None:
    if _seen is None:
        return
    if event in _FORBIDDEN:
        _seen.append(f"{event}{arguments!r:.200}")
    elif event == "open" and _writes(arguments):
        _seen.append(f"open for writing: {arguments[0]!r:.200}")
    elif event == "open" and str(arguments[0]).startswith(("/etc/passwd", "/root/", "/dev/")):
        _seen.append(f"open: {arguments[0]!r:.200}")
    elif event == "import" and str(arguments[0]) in {"antigravity", "this"}:
        _seen.append(f"import {arguments[0]}")


def _writes(arguments: tuple[Any, ...]) -> bool:
    path, mode, flags = arguments
    if "__pycache__" in str(path):
        return False
    return bool(set(str(mode or "")) & set("wax+")) or bool(
        flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
    )


def tree_of(folder: Path) -> Mapping[str, tuple[int, int, bytes]]:
    """Everything in a folder, with mode, time of change and content."""
    return {
        str(path.relative_to(folder)): (
            path.stat().st_mode,
            path.stat().st_mtime_ns,
            path.read_bytes() if path.is_file() else b"",
        )
        for path in folder.rglob("*")
    }
