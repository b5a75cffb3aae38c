"""What can be typed: every command with its arguments, and nothing else.

A command is a plain function in `commands/` that returns an exit code. Here it gets its
arguments and its help; it is imported when it runs, so that `--help` is fast. To add one,
write its function below, with `@command`, in the order in which people need it.
"""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Annotated, Literal, ParamSpec

import typer

from drillmaster import __version__
from drillmaster.cli.ending import ended

P = ParamSpec("P")

app = typer.Typer(
    help="Drills that prove, before the bad night, that the secondary on-call can step in.",
    epilog="Begin with `drillmaster init`.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def command(function: Callable[P, int]) -> Callable[P, int]:
    """Let a function be called by its name on the command line; its text is the help."""

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        # Typer has endings of its own for an interrupt and a closed pipe. Ours come first.
        raise typer.Exit(ended(lambda: function(*args, **kwargs)))

    app.command(function.__name__.strip("_").replace("_", "-"))(run)
    return function


def _version(*, wanted: bool) -> None:
    if wanted:
        typer.echo(f"drillmaster {__version__}")
        raise typer.Exit


@app.callback()
def _every_command(
    *,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """What stands before a command."""


@command
def init(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="The folder that gets a folder `drills`.")
    ] = Path(),
) -> int:
    """Write a first environment, drill, access profile and runbook, ready to run."""
    from drillmaster.cli.commands.init import init

    return init(folder)


@command
def check(
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="PATH", help="Files and folders.")
    ] = None,
    *,
    form: Annotated[
        Literal["text", "json", "sarif"], typer.Option("--format", help="How to tell it.")
    ] = "text",
    schema: Annotated[
        Literal["drill", "environment", "access", "runbook"] | None,
        typer.Option(metavar="KIND", help="Print the JSON Schema of a kind instead."),
    ] = None,
) -> int:
    """Validate definitions and runbooks, by default those in `drills`."""
    from drillmaster.cli.commands.check import check, print_schema

    return print_schema(schema) if schema else check(paths or [], form)
