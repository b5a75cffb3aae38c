"""First definitions, ready to run on the sandbox."""

from datetime import date
from importlib.resources import files
from pathlib import Path

from drillmaster.definitions.files import shown_path
from drillmaster.definitions.project import FOLDER
from drillmaster.errors import InvalidError

DRILL = "checkout-degraded"
"""The name of the first drill."""

PARTS = (
    "environments/sandbox.yaml",
    "access/checkout-secondary.yaml",
    f"runbooks/{DRILL}.md",
    f"{DRILL}.yaml",
)
"""What is written, below the drills folder; the drill last, because it needs the others."""

_REVIEWED = "reviewed: 2026-11-24\n"


def template(part: str) -> str:
    """The text of a part, as the package has it."""
    return (files("drillmaster.definitions") / "templates" / part).read_text(encoding="utf-8")


def write_first(folder: Path, today: date) -> list[Path]:
    """Write the first definitions into a folder's `drills`.

    Args:
        folder: Made where there is none.
        today: The day of the runbook's first review: somebody reads it today.

    Returns:
        The files that were written.

    Raises:
        InvalidError: one of them exists, or cannot be written. None that exists is changed.
    """
    paths = {part: folder / FOLDER / part for part in PARTS}
    there = [path for path in paths.values() if path.exists() or path.is_symlink()]
    if there:
        names = "\n".join(f"  {shown_path(path)}" for path in there)
        raise InvalidError(f"nothing was written, because these are there already:\n{names}")
    for part, path in paths.items():
        _write(path, template(part).replace(_REVIEWED, f"reviewed: {today}\n"))
    return list(paths.values())


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        reason = f"{shown_path(path)} cannot be written: {error.strerror}"
        raise InvalidError(reason) from None
