"""What preflight says of one thing."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

Result = Literal["ok", "warning", "problem", "unknown"]
"""All is well; it weakens a drill; it would stop a drill or the secondary; or it could not
be seen, which is as good as a problem until somebody looks."""


class Row(BaseModel):
    """One thing that was looked at."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    check: str
    """What kind of thing, in a word: `channels`."""
    result: Result
    message: str
    where: str | None = None
    """The file, and the key in it, under which `mend` belongs; None for a command."""
    mend: str | None = None
    """What to paste so that it is mended."""

    @property
    def stops(self) -> bool:
        """Whether it would stop a drill or the secondary, as far as is known."""
        return self.result in ("problem", "unknown")


def ok(check: str, message: str) -> Row:
    """All is well."""
    return Row(check=check, result="ok", message=message)


def warning(check: str, message: str, mend: str | None = None, where: str | None = None) -> Row:
    """It weakens a drill, and stops none."""
    return Row(check=check, result="warning", message=message, mend=mend, where=where)


def problem(check: str, message: str, mend: str, where: str | None = None) -> Row:
    """It would stop a drill, or the secondary."""
    return Row(check=check, result="problem", message=message, mend=mend, where=where)


def unknown(check: str, message: str, mend: str | None = None) -> Row:
    """It could not be seen."""
    return Row(check=check, result="unknown", message=message, mend=mend)
