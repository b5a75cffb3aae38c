"""Ways to break a YAML mapping so that no definition can be made of it, each drawn by luck.

Unlike those of `tests.support.mutations`, none of them ever leaves something valid.
"""

import re
from collections.abc import Callable
from random import Random

from tests.support.mutations import ESCAPES, LOOKUPS, NUMBERS, PATHS, SIGNS, TAGS, bomb, directive

Breaking = Callable[[str, Random], str]

MARK, VARIABLE, VALUE = "drillmaster-was-here", "DRILLMASTER_TRIPWIRE", "hunter2-of-the-tripwire"
"""A file that is made, and a variable that is read, where a definition is executed."""

EXECUTING = [
    f'!!python/object/apply:os.mkdir ["{MARK}"]',
    f'!!python/object/apply:pathlib.Path.touch [!!python/object/apply:pathlib.Path ["{MARK}"]]',
    f'!!python/object/apply:os.getenv ["{VARIABLE}"]',
    f'!!python/object/apply:builtins.open ["{MARK}", "w"]',
    '!!python/object/apply:socket.create_connection [["127.0.0.1", 9]]',
    f"!!js/function \"require('fs').writeFileSync('{MARK}')\"",
    f'!ruby/object:Gem::Installer "{MARK}"',
    f"!include {MARK}",
    "!include /etc/passwd",
    f'"$(touch {MARK})"',
    f'"`touch {MARK}`"',
    f'"${{{VARIABLE}}}"',
    f'"{{{{ env.{VARIABLE} }}}}"',
    f"\"{{{{ lookup('env', '{VARIABLE}') }}}}\"",
    f"\"{{% include '{MARK}' %}}\"",
    f"env:{VARIABLE}",
    "file:/etc/passwd",
]


def unknown_key(text: str, luck: Random) -> str:
    """Something hostile under a key that there is not."""
    value = luck.choice([*EXECUTING, *TAGS, *ESCAPES, *NUMBERS, *map(repr, LOOKUPS)])
    return f"{text}\nunheard-of-{luck.randrange(100)}: {value}\n"


def executing_key(text: str, luck: Random) -> str:
    return f"{text}\n? {luck.choice(EXECUTING)}\n: x\n"


def tagged_whole(text: str, luck: Random) -> str:
    """A tag on the whole document."""
    tag = luck.choice(TAGS + EXECUTING[:5]).split()[0]
    lines = "\n".join(f"  {line}" for line in text.splitlines())
    return f"--- {tag}\n{lines}\n"


def deep(text: str, luck: Random) -> str:
    """Nesting that no parser should follow, closed or not."""
    begin, end = luck.choice([("[", "]"), ("{a: ", "}"), ("- ", ""), ("? ", ""), ("!!x [", "]")])
    depth = luck.choice([200, 5_000, 100_000])
    return f"{text}\ndeep: {begin * depth}{end * luck.choice([0, depth])}\n"


def aliases(text: str, luck: Random) -> str:
    """References by the million, those of a document that refers to itself among them."""
    many = luck.choice([1_000, 200_000])
    return luck.choice(
        [
            f"{text}\nmillion: [{'*a, ' * many}*a]\n",
            f"{text}\nmillion: &a [{'*a, ' * many}*a]\n",
            f"a: &a x\nmillion: [{'*a, ' * many}*a]\n{text}\n",
            f"<<: &a {{<<: *a}}\n{text}\n",
            f"{text}\n<<: [{'*a, ' * many}*a]\n",
        ]
    )


def laughs(text: str, luck: Random) -> str:
    return bomb(text, luck)


def directives(text: str, luck: Random) -> str:
    return directive(text, luck)


def twice(text: str, luck: Random) -> str:
    """A key of the first level again."""
    return f"{text}\n{luck.choice(_keys(text))}: x\n"


def no_mapping(text: str, luck: Random) -> str:
    return luck.choice(["[]", "- a\n- b\n", "text", "42", "~", "", "'", "|\n  x\n", "[" * 50, "{"])


def unclosed(text: str, luck: Random) -> str:
    return f"{text}\nx{luck.choice([': [1, 2', ': {a: 1', ': `x`', ': @x', ': &', ': *', ': ['])}\n"


def unseen(text: str, luck: Random) -> str:
    """A character that nobody sees and that no definition may hold."""
    sign = luck.choice([sign for sign in SIGNS if sign not in {"\t", "é\u0301", "𐀀"}])
    at = luck.randrange(1, len(text))
    return f"{text[:at]}{sign}{text[at:]}"


def no_text(text: str, luck: Random) -> str:
    """Bytes that are no UTF-8, written as surrogates."""
    at = luck.randrange(len(text))
    return f"{text[:at]}\udcff\udcfe{text[at:]}"


def too_much(text: str, luck: Random) -> str:
    return luck.choice([f"{text}\n#{'x' * (1 << 20)}\n", text + "\n" * 10_001 + "# end\n"])


def key_like_a_path(text: str, luck: Random) -> str:
    return f'{text}\n"{luck.choice([path for path in PATHS if chr(92) not in path])}": x\n'


BREAKING: list[Breaking] = [
    unknown_key, executing_key, tagged_whole, deep, aliases, laughs, directives, twice,
    no_mapping, unclosed, unseen, no_text, too_much, key_like_a_path,
]  # fmt: skip


def broken(text: str, way: Breaking, luck: Random, *, markdown: bool) -> str:
    """The text, broken; of Markdown its head, or a block for the drill."""
    if not markdown:
        return way(text, luck)
    head = re.match(r"---\n(.*?)\n---\n", text, re.DOTALL)
    blocks = list(re.finditer(r"```yaml drill\n(.*?)\n```", text, re.DOTALL))
    assert head is not None
    begin, end = luck.choice([head, *blocks]).span(1)
    inside = way(text[begin:end], luck)
    if inside in {"", "~"}:  # a block without anything in it says nothing, which is fine
        inside = "[]"
    return f"{text[:begin]}{inside}{text[end:]}"


def _keys(text: str) -> list[str]:
    return re.findall(r"^([a-z_]+):", text, re.MULTILINE)
