"""The records of a batch of an audit log, as they were posted.

They are found by their brackets and not read: what people send stands in them, and one body that
no parser of ours takes, nested too deep or with a number too long, must not lose the others.
"""

import re
from collections.abc import Iterator

_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[{}\[\]]', re.DOTALL)

_BETWEEN = re.compile(rb"[\s,]*")


class _Scan:
    """What the brackets of a batch tell."""

    def __init__(self, body: bytes) -> None:
        self.depth = 0
        self.key = b""
        self.kind = b""
        self.begin: int | None = None
        """Where the items begin, …"""
        self.end: int | None = None
        """… and where they end."""
        self.found: list[tuple[int, int]] = []
        """Where each record begins and ends."""
        self._start = 0
        for token in _TOKEN.finditer(body):
            if token[0] in b"{[":
                self._open(token)
            elif token[0] in b"}]":
                self._close(token)
            elif self.depth == 1:
                self.kind = token[0] if self.key == b'"kind"' else self.kind
                self.key = token[0]

    def _open(self, token: re.Match[bytes]) -> None:
        if self.depth == 1 and token[0] == b"[" and self.key == b'"items"':
            self.begin = token.end()
        elif self.depth == 2:
            self._start = token.start()
        self.depth += 1

    def _close(self, token: re.Match[bytes]) -> None:
        self.depth -= 1
        inside = self.begin is not None and self.end is None
        if inside and self.depth == 2 and token[0] == b"}":
            self.found.append((self._start, token.end()))
        elif inside and self.depth == 1:
            self.end = token.start()


def records(body: bytes) -> list[bytes]:
    """The records, each as one line.

    Raises:
        ValueError: this is no `EventList` of objects.
    """
    scan = _Scan(body)
    if not body.lstrip().startswith(b"{"):
        raise ValueError("no object")
    if scan.depth or scan.kind != b'"EventList"' or scan.begin is None or scan.end is None:
        raise ValueError("no EventList")
    if any(not _BETWEEN.fullmatch(gap) for gap in _gaps(body, scan.begin, scan.end, scan.found)):
        raise ValueError("its items are no objects")
    return [body[start:stop].replace(b"\n", b" ") for start, stop in scan.found]


def _gaps(body: bytes, begin: int, end: int, found: list[tuple[int, int]]) -> Iterator[bytes]:
    """What stands between the records."""
    for start, stop in found:
        yield body[begin:start]
        begin = stop
    yield body[begin:end]
