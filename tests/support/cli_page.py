"""What docs/cli.md says about each command, written from the commands themselves.

`python -m tests.support.cli_page` writes it into the page. The page holds prose, and
marks where a list or a table belongs:

    <!-- commands -->        all commands in one table
    <!-- command: run -->    one command: what it does, how it is called, its options
    <!-- end -->

What stands between a mark and its end is written anew.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import typer
from rich.text import Text

from drillmaster.cli.app import app
from tests.support.shipped import ROOT

PAGE = ROOT / "docs" / "cli.md"

_MARK = re.compile(r"<!-- (commands|command: ([a-z -]+)) -->\n.*?<!-- end -->", re.DOTALL)


def commands() -> dict[str, Any]:
    """Every command by the words that call it: `run`, `incident open`."""
    return dict(_walk(typer.main.get_command(app), ()))


def written(page: str) -> str:
    """The page with its tables written anew."""
    found = commands()

    def fill(mark: re.Match[str]) -> str:
        inside = _one(mark[2], found[mark[2]]) if mark[2] else _all(found)
        return f"<!-- {mark[1]} -->\n\n{inside}\n\n<!-- end -->"

    return _MARK.sub(fill, page)


def _walk(command: Any, path: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    if hasattr(command, "commands"):
        for name, inner in command.commands.items():
            yield from _walk(inner, (*path, name))
    else:
        yield " ".join(path), command


def _all(found: dict[str, Any]) -> str:
    lines = [
        f"| [`drillmaster {name}`](#{name.replace(' ', '-')}) | {_plain(command.help)} |"
        for name, command in found.items()
    ]
    return "\n".join(["| command | does |", "|---|---|", *lines])


def _one(name: str, command: Any) -> str:
    arguments = [param for param in command.params if param.param_type_name == "argument"]
    options = [param for param in command.params if param.param_type_name == "option"]
    usage = " ".join(
        ["drillmaster", name, *map(_usage, arguments), *(["[OPTIONS]"] * bool(options))]
    )
    lines = [_plain(command.help), "", "```text", usage, "```"]
    if command.params:
        lines += ["", "| argument or option | default | meaning |", "|---|---|---|"]
    lines += [_row(param) for param in [*arguments, *options]]
    return "\n".join(lines)


def _usage(argument: Any) -> str:
    name = str(argument.metavar)
    many = "..." if argument.nargs == -1 else ""
    return f"{name}{many}" if argument.required else f"[{name}]{many}"


def _row(param: Any) -> str:
    return f"| {_name(param)} | {_default(param)} | {_plain(param.help)} |"


def _name(param: Any) -> str:
    if param.param_type_name == "argument":
        return f"`{param.metavar}`"
    names = ", ".join(f"`{name}`" for name in [*param.opts, *param.secondary_opts])
    return names if param.is_flag else f"{names} {_value(param)}"


def _value(param: Any) -> str:
    kind = param.type_descriptor.annotation
    if get_origin(kind) is Literal:
        return " \\| ".join(f"`{choice}`" for choice in get_args(kind))
    return str(param.metavar or {int: "NUMBER"}.get(kind, "TEXT"))


def _default(param: Any) -> str:
    if param.required:
        return "required"
    if param.default is None or param.default is False:
        return ""
    return f"`{param.opts[0]}`" if param.default is True else f"`{param.default}`"


def _plain(text: str | None) -> str:
    return Text.from_markup(" ".join((text or "").split())).plain.replace("|", "\\|")


def main(page: Path = PAGE) -> None:
    """Write the page."""
    page.write_text(written(page.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
