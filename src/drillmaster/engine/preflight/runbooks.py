"""Do the web pages answer to which a runbook's steps lead?"""

import re
import shlex
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import httpx

from drillmaster.definitions.bundle import Bundle
from drillmaster.definitions.files import shown_path
from drillmaster.definitions.kinds import RUNBOOK
from drillmaster.engine.preflight.row import Row, ok, problem, warning

CHECK = "runbooks"

_LINK = re.compile(r"https?://[^\s<>()\"'`\]]{1,1024}")
_LOOKUP = "{{"
_TIMEOUT = 5.0  # seconds for one page
_AT_ONCE = 8
_MOST = 100  # pages; a runbook with more is a book


@dataclass(frozen=True, slots=True)
class _Link:
    url: str
    path: str
    line: int


def rows(bundles: Iterable[Bundle]) -> Iterator[Row]:
    """Ask each page once, without a login: one that wants one is there."""
    links = list({link.url: link for link in _links(bundles)}.values())[:_MOST]
    runbooks = sorted({bundle.runbook.name for bundle in bundles if bundle.runbook})
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        bad = [row for row in pool.map(_row, links) if row is not None]
    yield from bad
    if runbooks and not bad:
        pages = f", and every page that it links to answers ({len(links)})" if links else ""
        yield ok(CHECK, f"{', '.join(runbooks)} can be read{pages}")


def _links(bundles: Iterable[Bundle]) -> Iterator[_Link]:
    for bundle in bundles:
        if bundle.runbook is None:
            continue
        file = bundle.root / RUNBOOK.folder / f"{bundle.runbook.name}{RUNBOOK.suffix}"
        for step in bundle.runbook.steps:
            for url in _LINK.findall(step.text):
                if _LOOKUP not in url:
                    yield _Link(url.rstrip(".,;:!?"), shown_path(file), step.line)


def _row(link: _Link) -> Row | None:
    place = f"{link.path}:{link.line}"
    look = f"curl -sSI {shlex.quote(link.url)}"
    try:
        with httpx.Client(timeout=_TIMEOUT, follow_redirects=True) as client:
            status = client.head(link.url).status_code
            if status in (405, 501):  # a server that does not know HEAD
                status = client.get(link.url).status_code
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        problem_ = f"{place}: {link.url} does not answer from here ({type(error).__name__})"
        return warning(CHECK, problem_, look)
    if status in (404, 410):
        return problem(CHECK, f"{place}: {link.url} is gone ({status})", look)
    if status >= 500:
        return warning(CHECK, f"{place}: {link.url} answers {status}", look)
    return None
