"""`drillmaster init`: first definitions."""

import shlex
import sys
from pathlib import Path

from drillmaster.clock import Clock, SteadyClock
from drillmaster.definitions.files import shown_path
from drillmaster.definitions.project import FOLDER
from drillmaster.definitions.starter import DRILL, write_first
from drillmaster.errors import ExitCode


def init(folder: Path, clock: Clock | None = None) -> int:
    """Write the first definitions into a folder, and say what to type next."""
    written = write_first(folder, (clock or SteadyClock()).now().date())
    for path in written:
        sys.stdout.write(f"wrote {shown_path(path)}\n")
    there = "" if folder == Path() else f"cd {shlex.quote(shown_path(folder))} && "
    sys.stdout.write(f"\nNext: {there}drillmaster run {FOLDER}/{DRILL}.yaml\n")
    return ExitCode.READY
