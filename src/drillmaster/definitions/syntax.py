"""The parser's complaints about YAML, in the words of somebody who wants to mend a file."""

from ruamel.yaml.error import MarkedYAMLError

_QUOTES = "a text that holds ': ' or begins with a special character needs quotes"

_WORDS = {
    "mapping values are not allowed here": ("a ':' is not expected here", _QUOTES),
    "could not find expected ':'": ("a key without its ':'", "write `key: value`"),
    "found character '\\t'": ("a tab is not allowed here", "indent with spaces"),
    "that cannot start any token": ("a text cannot begin with this character", _QUOTES),
    "found unexpected end of stream": ("the file ends within quotes", "close the quotes"),
    "found unexpected document separator": ("a document begins within quotes", "close the quotes"),
    "expected <block end>": ("does not fit the lines above", "check the indentation"),
    "expected the node content": ("a value is missing here", None),
    "expected ',' or '}'": ("',' or '}' is missing here", "close the braces"),
    "expected ',' or ']'": ("',' or ']' is missing here", "close the brackets"),
    "found unknown escape character": (
        "an unknown escape after the backslash",
        "use single quotes for a text with backslashes",
    ),
}


def explain(error: MarkedYAMLError) -> tuple[str, str | None]:
    """What is wrong, and how to mend it."""
    told = " ".join(str(error.problem or error.context or "").split())
    for beginning, words in _WORDS.items():
        if beginning in told:
            return words
    return f"is no YAML: {told[:120]}" if told else "is no YAML", None
