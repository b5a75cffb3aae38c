"""Expected failures, each with its exit code; all exit codes stand here.

The command line prints the message of a `DrillmasterError` in one piece and never
a traceback. Anything else that escapes is a bug: a short message and a log.
"""

from enum import IntEnum


class ExitCode(IntEnum):
    """What a command tells its caller; a contract with CI systems."""

    READY = 0
    """Every required target was met."""
    NOT_READY = 1
    """A target was missed or could not be verified."""
    INVALID = 2
    """The definition or the call is wrong; nothing was touched."""
    REFUSED = 3
    """The guard said no; nothing was touched."""
    ABORTED = 4
    """Ended early after something was touched; everything was undone."""
    STUCK = 5
    """Something could not be undone, or steady state did not return."""
    BUG = 70
    """An unexpected failure; the message names a log."""
    INTERRUPTED = 130
    """The user interrupted; everything was undone."""


class DrillmasterError(Exception):
    """An expected failure: its text is the whole message for the user."""

    exit_code = ExitCode.BUG


class InvalidError(DrillmasterError):
    """A definition or a call is wrong."""

    exit_code = ExitCode.INVALID


class RefusedError(DrillmasterError):
    """A safety rule forbids it; nothing was touched."""

    exit_code = ExitCode.REFUSED


class StuckError(DrillmasterError):
    """Something could not be undone."""

    exit_code = ExitCode.STUCK
