"""How a plain function that returns an exit code becomes a command."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import typer

from drillmaster.cli.ending import ended
from drillmaster.cli.help import Command

P = ParamSpec("P")


class Register:
    """A decorator that adds commands to a group."""

    def __init__(self, group: typer.Typer) -> None:
        self._group = group

    def __call__(self, function: Callable[P, int]) -> Callable[P, int]:
        """Let a function be called by its name on the command line; its text is the help."""

        @wraps(function)
        def run(*args: P.args, **kwargs: P.kwargs) -> None:
            # Typer has endings of its own for an interrupt and a closed pipe. Ours come first.
            raise typer.Exit(ended(lambda: function(*args, **kwargs)))

        self._group.command(function.__name__.strip("_").replace("_", "-"), cls=Command)(run)
        return function
