"""The command line."""

from collections.abc import Sequence

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """The console script `drillmaster`.

    Args:
        arguments: What stands behind the program's name; of this process where left out.

    Returns:
        The exit code, as `drillmaster.errors.ExitCode` explains it.
    """
    try:
        from drillmaster.cli.ending import ended
    except KeyboardInterrupt:  # nothing has begun, and nothing can be said yet
        return 130
    code = ended(lambda: _invoke(arguments))
    if arguments is None:
        _hear_nothing_more()
    return code


def _hear_nothing_more() -> None:
    """What is pressed while Python takes itself down can change nothing any more: it would only
    print a traceback, and put another exit code in the place of the command's own."""
    import signal

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def _invoke(arguments: Sequence[str] | None) -> int:
    from drillmaster.cli.app import app

    try:
        app(arguments, prog_name="drillmaster")
    except SystemExit as end:  # how Typer ends
        return end.code if isinstance(end.code, int) else int(bool(end.code))
    return 0
