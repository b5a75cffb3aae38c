"""Secrets that are planted, and looked for in whatever a drill leaves."""

import threading
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote, quote_plus
from uuid import uuid4

from drillmaster.timeline.store import Store
from drillmaster.timeline.tables import metadata


class Planted:
    """Secrets by what they are for. Each has signs that no encoding leaves as they are."""

    def __init__(self) -> None:
        self._values: dict[str, str] = {}

    def __getitem__(self, name: str) -> str:
        """The secret of that name; a new one at the first time."""
        return self._values.setdefault(name, f"{name}/{uuid4().hex}+=%&")

    def add(self, name: str, value: str) -> None:
        """Look for something that others made."""
        self._values[name] = value

    def found_in(self, text: bytes) -> set[str]:
        """The names of the secrets that a text holds, in plain or in another form."""
        return {
            name
            for name, value in self._values.items()
            if any(form in text for form in _forms(value))
        }


def _forms(secret: str) -> Iterator[bytes]:
    plain = secret.encode()
    yield plain
    yield quote(secret, safe="").encode()
    yield quote_plus(secret).encode()
    yield plain.hex().encode()
    for encode in (b64encode, urlsafe_b64encode):
        for before in range(3):  # within a longer text, such as that of a basic login
            whole = encode(b"x" * before + plain + b"x" * 2)
            yield whole[4 if before else 0 : -8]


def files_below(*folders: Path) -> Iterator[tuple[str, bytes]]:
    """Every file below the folders, by its path."""
    for folder in folders:
        for path in folder.rglob("*"):
            if path.is_file():
                yield str(path), path.read_bytes()


def rows_of(store: Store) -> Iterator[tuple[str, bytes]]:
    """Every row of the store, by its table."""
    with store.read() as connection:
        for table in metadata.sorted_tables:
            for row in connection.execute(table.select()):
                yield table.name, repr(tuple(row)).encode()


@contextmanager
def watching_processes(planted: Planted) -> Iterator[set[str]]:
    """Look at the arguments of every process, again and again; whose secrets were seen."""
    seen: set[str] = set()
    over = threading.Event()

    def look() -> None:
        known: set[bytes] = set()
        while not over.wait(0.01):
            for process in Path("/proc").glob("[0-9]*"):
                with suppress(OSError):
                    arguments = (process / "cmdline").read_bytes()
                    if arguments not in known:
                        known.add(arguments)
                        seen.update(planted.found_in(arguments.replace(b"\0", b" ")))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()
