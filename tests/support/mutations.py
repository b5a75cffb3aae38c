"""Ways to break a definition, by chance and by malice. Each is given a text and luck."""

import re
from collections.abc import Callable
from random import Random

Mutation = Callable[[str, Random], str]

MARK = "drillmaster-was-here"
"""A file that a definition tries to make, where something of it is executed."""

TYPES = ["[1]", "{a: 1}", "~", "true", "12345", "1.5", "''", "[]", "{}", "2026-11-24", "- x", "|"]
DURATIONS = ["5", "5 minutes", "-5s", "1.5h", "PT5M", "5 s", "999999999999d", "٣s", "0x5s"]
PATHS = [
    "../../etc/passwd",
    "/etc/passwd",
    "a/b",
    "..",
    ".",
    "CON",
    "a\\b",
    "~root",
    "%2e%2e",
    "-x",
]
NUMBERS = [
    "9" * 5000,
    "-" + "9" * 400,
    "0x" + "f" * 900,
    "1e999",
    ".inf",
    "-.nan",
    "0o7777777777777777777777777",
]
TAGS = [
    f'!!python/object/apply:os.system ["touch {MARK}"]',
    f'!!python/object/new:subprocess.Popen [["touch", "{MARK}"]]',
    "!!python/name:os.system",
    "!!python/module:antigravity",
    "!!python/object/apply:builtins.eval [\"__import__('os').getpid()\"]",
    "!!binary aGVsbG8=",
    "!!set {a, b}",
    "!custom x",
    "!<tag:yaml.org,2002:python/tuple> [1]",
]
SIGNS = [  # most of them are not seen
    "\u202e",
    "\u200b",
    "\ufeff",
    "\0",
    "\x1b[2J",
    "\u2028",
    "\x85",
    "é\u0301",
    "𐀀",
    "\ufffe",
    "\t",
]
ESCAPES = [r'"\ud800"', r'"\x00"', r'"\U0010FFFF"', r'"\UFFFFFFFF"', r'"\e[31m"', r'"\N"', r'"\q"']
LOOKUPS = [
    "{{ 1 + 1 }}",
    "{{ urls }}",
    "{{ urls.__class__ }}",
    "{{ ",
    "{{{{ person }}}}",
    "{% x %}",
    "{{ ports.proxy.real }}",
    "{{ urls.nowhere }}",
    "{{ cycler.__init__.__globals__.os }}",
]
PUNCTUATION = list("{}[]:,-?&*!|>'\"%@`#")
FILLINGS = [  # each is repeated
    "[",
    "{a: ",
    "- ",
    "? ",
    "> ",
    "*x ",
    "&x ",
    "!!x ",
    "# ",
    "a ",
    "'",
    '"',
    "\n",
    "|\n",
    "%",
    "`",
]


def _value(text: str, luck: Random, new: str) -> str:
    """Put something in the place of a value behind a colon."""
    places = [match.span(1) for match in re.finditer(r": +([^\s{\[|][^,}\]\n]*)", text)]
    begin, end = luck.choice(places)
    return f"{text[:begin]}{new}{text[end:]}"


def wrong_type(text: str, luck: Random) -> str:
    return _value(text, luck, luck.choice(TYPES))


def bad_duration(text: str, luck: Random) -> str:
    places = [match.span() for match in re.finditer(r"\b\d+(ms|s|m|h)\b", text)]
    if not places:
        return wrong_type(text, luck)
    begin, end = luck.choice(places)
    return text[:begin] + luck.choice(DURATIONS) + text[end:]


def path_for_a_name(text: str, luck: Random) -> str:
    return _value(text, luck, luck.choice(PATHS))


def huge_number(text: str, luck: Random) -> str:
    return _value(text, luck, luck.choice(NUMBERS))


def tag(text: str, luck: Random) -> str:
    return _value(text, luck, luck.choice(TAGS))


def escape(text: str, luck: Random) -> str:
    return _value(text, luck, luck.choice(ESCAPES))


def look_up(text: str, luck: Random) -> str:
    return _value(text, luck, f'"{luck.choice(LOOKUPS)}"')


def rename_key(text: str, luck: Random) -> str:
    begin, end = luck.choice([match.span(1) for match in re.finditer(r"([a-z_-]+):", text)])
    key = text[begin:end]
    new = [key + "x", key[:-1], key.upper(), key.replace("_", "-"), key + " ", "<<", "a" * 2000]
    return text[:begin] + luck.choice(new) + text[end:]


def delete_key(text: str, luck: Random) -> str:
    begin, end = luck.choice([match.span() for match in re.finditer(r"[a-z_-]+: ?", text)])
    return text[:begin] + text[end:]


def delete_lines(text: str, luck: Random) -> str:
    lines = text.splitlines(keepends=True)
    first = luck.randrange(len(lines))
    return "".join(lines[:first] + lines[first + luck.randint(1, 4) :])


def repeat_lines(text: str, luck: Random) -> str:
    lines = text.splitlines(keepends=True)
    first = luck.randrange(len(lines))
    part = lines[first : first + luck.randint(1, 4)]
    return "".join(lines[:first] + part * luck.choice([2, 3, 50]) + lines[first:])


def move_line(text: str, luck: Random) -> str:
    lines = text.splitlines(keepends=True)
    line = lines.pop(luck.randrange(len(lines)))
    lines.insert(luck.randrange(len(lines) + 1), line)
    return "".join(lines)


def indent_line(text: str, luck: Random) -> str:
    lines = text.splitlines(keepends=True)
    number = luck.randrange(len(lines))
    lines[number] = luck.choice([" ", "   ", "\t", "- "]) + lines[number]
    return "".join(lines)


def insert_sign(text: str, luck: Random) -> str:
    at = luck.randrange(len(text) + 1)
    return text[:at] + luck.choice(SIGNS + PUNCTUATION) + text[at:]


def delete_sign(text: str, luck: Random) -> str:
    at = luck.randrange(len(text))
    return text[:at] + text[at + 1 :]


def cut(text: str, luck: Random) -> str:
    return text[: luck.randrange(len(text))]


def fill(text: str, luck: Random) -> str:
    at = luck.choice([0, len(text), luck.randrange(len(text))])
    return text[:at] + luck.choice(FILLINGS) * luck.choice([2, 45, 3_000, 60_000]) + text[at:]


def bomb(text: str, luck: Random) -> str:
    laughs = ["a0: &a0 [ha, ha]"]
    laughs += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 20)]
    million = "million: [" + "*a, " * luck.choice([10, 60_000]) + "*a]"
    return luck.choice(["\n".join(laughs), million, "a: &a [*a]", "<<: *x"]) + "\n" + text


def directive(text: str, luck: Random) -> str:
    return (
        luck.choice(["%YAML 1.1\n---\n", "%TAG ! x\n---\n", "%YAML 9.9\n---\n", "---\n---\n"])
        + text
    )


MUTATIONS: list[Mutation] = [
    wrong_type, bad_duration, path_for_a_name, huge_number, tag, escape, look_up, rename_key,
    delete_key, delete_lines, repeat_lines, move_line, indent_line, insert_sign, delete_sign,
    cut, fill, bomb, directive,
]  # fmt: skip

SURELY_WRONG: list[Mutation] = [tag, bomb, directive]
"""Mutations that leave no valid YAML definition, wherever they strike."""


def mutated(text: str, luck: Random) -> tuple[str, list[str]]:
    """A text broken in one to three ways, and the ways."""
    ways = luck.choices(MUTATIONS, k=luck.choice([1, 1, 1, 2, 3]))
    for way in ways:
        text = way(text, luck) if text and ":" in text else "x: y\n"
    return text, [way.__name__ for way in ways]
