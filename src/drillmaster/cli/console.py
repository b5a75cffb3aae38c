"""Where commands print: a terminal, or a pipe or file, whose readers want whole lines."""

import os
import re
from typing import Any

from rich.console import Console

_WHOLE = 10_000  # columns, so that each row of a table is one line

_BLANKS = re.compile(r"[ \t]+$", re.MULTILINE)


def console_for(*, stderr: bool = False, columns: int = _WHOLE) -> Console:
    """A console. Unless it is a terminal, or `COLUMNS` says how wide it is to be, its lines
    are as long as they need be, or have at most so many columns; no blanks end them."""
    console = Console(stderr=stderr)
    if console.is_terminal:
        return console
    return _Piped(stderr=stderr, width=None if "COLUMNS" in os.environ else columns)


class _Piped(Console):
    """A table fills each of its lines with blanks, which a program that reads them, or
    whoever pastes them, has to take off again."""

    def print(self, *objects: Any, **options: Any) -> None:
        """Print without blanks at the ends of lines."""
        with self.capture() as captured:
            super().print(*objects, **options)
        self.file.write(_BLANKS.sub("", captured.get()))
        self.file.flush()
