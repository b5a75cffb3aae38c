"""Pages as JSON over HTTP: for a chat, a phone gateway or anything else with a URL."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin

import httpx

from drillmaster.certificates import trusted_for
from drillmaster.definitions.environment import WebhookChannel
from drillmaster.definitions.secrets import referred, resolve_secret
from drillmaster.oncall.channels.base import NotDeliveredError, Page, Show


class Webhook:
    """Posts pages. The URL may be a capability, so it stands in no message."""

    def __init__(self, definition: WebhookChannel) -> None:
        self._definition = definition

    def send(self, page: Page, address: str | None) -> None:
        """Post it; any 2xx is a delivery. Redirects are not followed: the page would be
        sent twice."""
        url, token = referred(self._definition.url), self._definition.token
        headers = {"Authorization": f"Bearer {resolve_secret(token)}"} if token else {}
        answer = self._ask("POST", url, json=body(page, address), headers=headers)
        if not answer.is_success:
            raise NotDeliveredError(f"answered {answer.status_code}")

    def reach(self) -> None:
        """The host answers, whatever it says: its front page is asked, with neither the path
        nor the token, because a request to the page's own address might page somebody."""
        url, token = referred(self._definition.url), self._definition.token
        if token is not None:
            resolve_secret(token)
        self._ask("HEAD", urljoin(url, "/"))

    def _ask(self, method: str, url: str, **told: Any) -> httpx.Response:
        """What the host answers.

        Raises:
            NotDeliveredError: nothing, in time.
        """
        try:
            # No proxy of the machine's environment may carry (or lose) a page.
            with httpx.Client(
                trust_env=False, timeout=self._definition.timeout, verify=trusted_for(url)
            ) as client:
                return client.request(method, url, **told)
        except httpx.TimeoutException:
            raise NotDeliveredError(f"no answer within {self._definition.timeout:g} s") from None
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise NotDeliveredError(f"cannot be reached ({type(error).__name__})") from None


def body(page: Page, address: str | None) -> dict[str, Any]:
    """What is posted. `text` is what chats with incoming webhooks show."""
    sent: dict[str, Any] = {
        "page": page.page,
        "incident": page.incident,
        "run": page.run,
        "service": page.service,
        "severity": page.severity,
        "summary": page.summary,
        "person": page.person,
        "role": page.role,
        "level": page.level,
        "links": {name: page.links[name] for name in ("page",) if name in page.links},
        "text": page.text,
    }
    if address is not None:
        sent["address"] = address
    if page.others is not None:
        sent |= {"others": dict(page.others), "automation": page.automation}
    return sent


def make(spec: Mapping[str, Any], show: Show | None) -> Webhook:  # noqa: ARG001 (needs no terminal)
    """A webhook from its definition."""
    return Webhook(WebhookChannel.model_validate(spec))
