"""What looks like production, by the names that people give."""

import re

_PRODUCTION = re.compile(r"(?:^|[^a-z])(?:prod|production|prd|live)(?:[^a-z]|$)", re.IGNORECASE)


def looks_like_production(name: str) -> bool:
    """Whether a name, an address or a label has a word in it that stands for production."""
    return _PRODUCTION.search(name) is not None
