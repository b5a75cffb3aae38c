"""A question before something that nobody may want."""

import sys

from rich.console import Console
from rich.prompt import Confirm
from rich.text import Text

from drillmaster.errors import InvalidError


def must_agree(console: Console, why: str, question: str, otherwise: str) -> None:
    """Go on only where somebody at a terminal says yes.

    Raises:
        InvalidError: the answer is no, or none (the end of the input), or there is nobody to
            answer: that says `otherwise`.
    """
    if not sys.stdin.isatty():
        raise InvalidError(f"{why} {otherwise}")
    try:
        agreed = Confirm.ask(f"{why} {question}", console=console, default=False)
    except EOFError:
        agreed = False
    if not agreed:
        raise InvalidError("nothing was done")


def must_say(console: Console, words: str) -> None:
    """Go on only where somebody at a terminal types these words.

    Raises:
        InvalidError: they type anything else, or there is nobody to type it.
    """
    if not sys.stdin.isatty():
        raise InvalidError("nothing was done: a person at a terminal must say so in words")
    console.print(Text(f"If you have looked, and it is so, type: {words}"), soft_wrap=True)
    try:
        said = console.input()
    except (EOFError, UnicodeDecodeError):
        said = ""
    if " ".join(said.split()) != words:
        raise InvalidError("nothing was done")
