"""Can the reports of a drill be written?"""

import os
import shlex
from collections.abc import Iterator
from pathlib import Path

from drillmaster.engine.preflight.row import Row, ok, problem

CHECK = "reports"


def rows(folder: Path) -> Iterator[Row]:
    """Look at the folder, or at the nearest above that is there; nothing is made."""
    there = folder
    while not os.path.lexists(there) and there != there.parent:
        there = there.parent
    shown = shlex.quote(str(there))
    if not there.is_dir():
        message = f"{there} is no folder, so no report can be written to {folder}"
        yield problem(CHECK, message, f"mv {shown} {shlex.quote(f'{there}.old')}")
    elif not os.access(there, os.W_OK | os.X_OK):
        message = f"{there} cannot be written, so no report can be written to {folder}"
        yield problem(CHECK, message, f"chmod u+wx {shown}")
    elif there == folder:
        yield ok(CHECK, f"{folder} can be written")
    else:
        yield ok(CHECK, f"{folder} is made by the first drill")
