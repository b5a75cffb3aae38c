"""HTML and JSON answers, with the headers that every one of them has."""

import base64
import hashlib
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from drillmaster.intake.forms import wants_json
from drillmaster.intake.view import is_link

_FOLDER = Path(__file__).parent / "templates"
_STYLE = (_FOLDER / "style.css").read_text(encoding="utf-8")
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode("ascii")

_JINJA = Environment(
    loader=FileSystemLoader(_FOLDER),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_JINJA.globals["style"] = Markup(_STYLE)  # noqa: S704 (our own file)


def html(template: str, status: int = 200, bridge: str | None = None, **values: Any) -> Response:
    """A page. `bridge` is where its forms may lead, beside back here."""
    text = _JINJA.get_template(template).render(**values)
    return HTMLResponse(text, status, headers=_headers(bridge))


def message(request: Request, status: int, text: str, back: str | None = None) -> Response:
    """A line for a person, or the same for a program."""
    if wants_json(request):
        return JSONResponse({"error": text}, status, headers=_headers(None))
    return html("message.html", status, text=text, back=back)


def _headers(bridge: str | None) -> dict[str, str]:
    forms = "'self'"
    if bridge is not None and is_link(bridge):
        parts = urlsplit(bridge)
        forms += f" {parts.scheme}://{parts.netloc}"  # the browser follows a form's redirect there
    policy = [
        "default-src 'none'",
        f"style-src 'sha256-{_STYLE_HASH}'",
        f"form-action {forms}",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
    return {
        "Content-Security-Policy": "; ".join(policy),
        # The URL is the capability: no other site may learn it. `no-referrer` would take the
        # Origin from our own forms too.
        "Referrer-Policy": "same-origin",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "X-Robots-Tag": "noindex",
    }
