"""What is told of a failure: our own messages hold no secret, others' might.

What failed as expected is told in its own words. A bug is told by its kind alone; where
it happened goes to the log, without its text and without values.
"""

import logging
import traceback

from drillmaster.errors import DrillmasterError


def reason_of(error: Exception) -> str:
    """A failure in words that may stand in a timeline and in a terminal."""
    if isinstance(error, DrillmasterError):
        return str(error)
    return f"internal error: {type(error).__name__}"


def log_bug(logger: logging.Logger, what: str, error: Exception) -> None:
    """Log where a bug happened; nothing for an expected failure."""
    if not isinstance(error, DrillmasterError):
        frames = "".join(traceback.format_tb(error.__traceback__))
        logger.error("%s failed: %s at\n%s", what, type(error).__name__, frames)
