"""Links of a runbook to files beside it. What lies on the web is not asked: `check` works
without a network, and a page that answers today says nothing about the bad night."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

from drillmaster.definitions.errors import Problem
from drillmaster.definitions.files import decode, read_bytes, shown_path
from drillmaster.definitions.units import shown

_LINK = re.compile(r"\]\(<?([^)\s>]{1,1024})")
_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|[/#]|.*\{\{", re.IGNORECASE)
_FENCE = re.compile(r" {0,3}(```|~~~)")


def dead_links(path: Path) -> Iterator[Problem]:
    """Links to files that do not exist, outside of code blocks."""
    in_code = False
    for number, line in enumerate(decode(read_bytes(path), path).splitlines(), 1):
        in_code ^= bool(_FENCE.match(line))
        for link in () if in_code else _LINK.finditer(line):
            target = unquote(link[1].partition("#")[0])
            if not _ELSEWHERE.match(link[1]) and not _exists(path.parent / target):
                place = (shown_path(path), number, link.start(1) + 1)
                yield Problem(*place, "", f"there is no file {shown(target)}", None, "dead-link")


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # a name that no file can have
        return False
