"""What `--help` shows.

Typer's own page imports a Markdown parser and a highlighter of source code, and takes twice as
long as all the rest of the command; this one imports tables and panels.
"""

from collections.abc import Iterator
from typing import Any, Literal, get_args, get_origin

from typer.core import TyperCommand, TyperGroup


class Command(TyperCommand):
    """A command with our help."""

    def format_help(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002  # for plain text
        """Show its page, at once: Typer itself does so, and counts on it without arguments."""
        _show(self, ctx)


class Group(TyperGroup):
    """A group of commands with our help."""

    def format_help(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002  # for plain text
        """Show its page, at once: Typer itself does so, and counts on it without arguments."""
        _show(self, ctx)


def _show(command: Any, ctx: Any) -> None:
    from rich.console import Console
    from rich.padding import Padding
    from rich.text import Text

    console = Console()
    usage = " ".join([ctx.command_path, *_usage(command, ctx)])
    for text in (f"[bold]Usage:[/] {_plain(usage)}", " ".join((command.help or "").split())):
        console.print(Padding(Text.from_markup(text), (1, 1, 0, 1)))
    console.print()
    for title, rows in _sections(command, ctx):
        if rows:
            console.print(_panel(title, rows))
    if command.epilog:
        console.print(Padding(Text(command.epilog), (1, 1, 0, 1)))


def _sections(command: Any, ctx: Any) -> Iterator[tuple[str, list[tuple[str, ...]]]]:
    """Titles, and rows of which the last cell is the explanation."""
    yield "Arguments", [(_name(param), _help(param)) for param in _params(command, ctx, "argument")]
    options = _params(command, ctx, "option")
    yield "Options", [(_name(param), _value(param), _help(param)) for param in options]
    yield "Commands", list(_commands(command, ctx))


def _panel(title: str, rows: list[tuple[str, ...]]) -> Any:
    from rich.panel import Panel
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2))
    for style in ("bold cyan", "yellow")[: len(rows[0]) - 1]:
        table.add_column(style=style, no_wrap=True)
    for *cells, told in rows:
        table.add_row(*map(Text, cells), Text.from_markup(told))
    return Panel(table, title=title, title_align="left", border_style="dim")


def _params(command: Any, ctx: Any, kind: str) -> list[Any]:
    return [param for param in command.get_params(ctx) if param.param_type_name == kind]


def _usage(command: Any, ctx: Any) -> Iterator[str]:
    if hasattr(command, "commands"):
        yield "[OPTIONS] COMMAND ..."
        return
    for argument in _params(command, ctx, "argument"):
        many = "..." if argument.nargs == -1 else ""
        shown = _name(argument)
        yield f"{shown}{many}" if argument.required else f"[{shown}]{many}"
    yield "[OPTIONS]"


def _commands(command: Any, ctx: Any) -> Iterator[tuple[str, str]]:
    for name in command.list_commands(ctx) if hasattr(command, "commands") else ():
        one = command.get_command(ctx, name)
        yield name, " ".join((one.help or "").split())


def _name(param: Any) -> str:
    if param.param_type_name == "argument":
        return str(param.metavar or param.name.upper())
    long_first = sorted(param.opts, key=lambda opt: not opt.startswith("--"))
    return ", ".join([*long_first, *param.secondary_opts])


def _value(param: Any) -> str:
    """What stands behind an option."""
    if param.is_flag:
        return ""
    if param.metavar:
        return str(param.metavar)
    kind = getattr(getattr(param, "type_descriptor", None), "annotation", None)
    if get_origin(kind) is Literal:
        return "|".join(get_args(kind))
    return "NUMBER" if kind is int else "TEXT"


def _help(param: Any) -> str:
    told = str(getattr(param, "help", None) or "")
    if param.required:
        return told
    shown = param.default not in (None, False, True) and not callable(param.default)
    return f"{told} [dim]\\[default: {param.default}][/]" if shown else told


def _plain(text: str) -> str:
    """Text as it is, where markup is read."""
    return text.replace("[", "\\[")
