"""Whether what a page tells people to type can be typed."""

import re
from typing import Any

from tests.support.cli_page import commands
from tests.support.shipped import ROOT

TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))


def problem(words: list[str]) -> str | None:
    """What is wrong with a call of `drillmaster`, given without that word; None: nothing.

    Only the names of commands and options are looked at, so that a call may have holes in it.
    """
    if words and words[0].startswith("-"):
        return None if words[0] in {"--help", "--version"} else f"no option {words[0]}"
    found = commands()
    names = [name for name in (" ".join(words[:2]), words[0]) if name in found]
    if not names:
        group = len(words) == 1 and any(name.startswith(f"{words[0]} ") for name in found)
        return None if group else f"no command {' '.join(words[:2])}"
    known = set(_options(found[names[0]])) | {"--help"}
    unknown = [word for word in words if word.startswith("--") and word not in known]
    return f"{names[0]} has no {unknown[0]}" if unknown else None


def arguments_of(words: list[str]) -> Any:
    """A whole call, parsed as the command line would parse it, and not run.

    Raises:
        Exception: Typer's own, for a call that it would refuse.
    """
    found = commands()
    name = next(name for name in (" ".join(words[:2]), words[0]) if name in found)
    return found[name].make_context(name, words[len(name.split()) :])


def _options(command: Any) -> list[str]:
    return [
        option
        for param in command.params
        if param.param_type_name == "option"
        for option in [*param.opts, *param.secondary_opts]
    ]
