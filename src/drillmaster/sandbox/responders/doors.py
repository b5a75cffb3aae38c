"""The doors that a person uses: the links on their page, and the system that is drilled."""

import contextlib
import threading
from typing import Protocol

import httpx

from drillmaster.clock import Clock
from drillmaster.sandbox.steps import Action

_TRIES = 3
_PAUSE = 0.3
"""Seconds after which a link that did not work is pressed again, as people do."""


class Page:
    """The links on one person's page, or on an automation's."""

    def __init__(self, client: httpx.Client, clock: Clock, address: str | None) -> None:
        """`address` is None where there are no links: nothing can be pressed then."""
        self._client, self._clock, self._address = client, clock, address

    def press(self, door: str, **form: str) -> None:
        """Press a link; again where nothing answers, or only an error."""
        for _ in range(_TRIES if self._address is not None else 0):
            with contextlib.suppress(httpx.TransportError):
                answer = self._client.post(f"{self._address}/{door}", json=form)
                if answer.status_code < 500:
                    return
            self._clock.wait(threading.Event(), _PAUSE)


class Console(Protocol):
    """The system that is drilled, as one person."""

    def act(self, action: Action) -> None:
        """Do it once. A refusal is no reason to stop, and an action is not repeated."""

    def visit(self, url: str) -> None:
        """Open a page."""


class SandboxConsole:
    """The sandbox, as one person: with their token, and only at the sandbox's address."""

    def __init__(self, client: httpx.Client, admin: str, token: str | None) -> None:
        self._client, self._admin = client, admin.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    def act(self, action: Action) -> None:
        """Do it once. A refusal is no reason to stop, and an action is not repeated."""
        body = {
            "namespace": action.namespace,
            "workload": action.workload,
            "parameters": action.parameters,
        }
        address = f"{self._admin}/v1/actions/{action.action}"
        with contextlib.suppress(httpx.TransportError):
            self._client.post(address, json=body, headers=self._headers)

    def visit(self, url: str) -> None:
        """Open a page, with the token where it is a page of the sandbox."""
        ours = url.startswith(f"{self._admin}/")
        with contextlib.suppress(httpx.HTTPError, httpx.InvalidURL):
            self._client.get(url, headers=self._headers if ours else {})
