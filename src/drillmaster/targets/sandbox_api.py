"""Requests to a sandbox, and what it means when they fail."""

from typing import Any

import httpx

from drillmaster.certificates import trusted_for
from drillmaster.process import ProcessIdentity
from drillmaster.targets.base import (
    Address,
    ClosedError,
    DeclinedError,
    GoneError,
    UnreachableError,
)

_ID_HEADER = "drillmaster-sandbox"


class SandboxApi:
    """A connection to one sandbox. Its tokens are in no message and no `repr`."""

    def __init__(self, address: Address, timeout: float) -> None:
        self._id: str = address["id"]
        self._process = ProcessIdentity.model_validate(address["process"])
        self._token: str = address["token"]
        self._timeout = timeout
        self._admin = _client(address["admin"], timeout)
        self._proxy = _client(address["proxy"], timeout)

    def close(self) -> None:
        """Give the connections back."""
        self._admin.close()
        self._proxy.close()

    def operate(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """A request as Drillmaster's own identity; what the sandbox answered.

        Raises:
            UnreachableError: no answer; whether the request arrived is unknown.
            GoneError: the sandbox is gone, and everything that was in it.
            ClosedError: the fault was undone before.
            DeclinedError: the sandbox refuses.
        """
        response = self._send(self._admin, method, path, token=self._token, body=body)
        if response.status_code == 410:
            raise ClosedError(_said(response))
        if response.is_client_error:
            raise DeclinedError(_said(response))
        return response.json()

    def ask_as(
        self, token: str | None, method: str, path: str, body: dict[str, Any] | None = None
    ) -> httpx.Response:
        """A request with a person's token; whatever was answered.

        Raises UnreachableError, GoneError.
        """
        return self._send(self._admin, method, path, token=token, body=body)

    def visit(self, path: str, patience: float = 0.0) -> httpx.Response:
        """A request such as a customer makes, through the proxy; whatever was answered.

        Args:
            path: The page.
            patience: Seconds to wait beyond the usual time.

        Raises UnreachableError, GoneError.
        """
        return self._send(self._proxy, "GET", path, timeout=self._timeout + patience)

    def _send(
        self,
        client: httpx.Client,
        method: str,
        path: str,
        *,
        token: str | None = None,
        body: dict[str, Any] | None = None,
        timeout: float | None = None,
    ) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
        try:
            response = client.request(
                method, path, headers=headers, json=body, timeout=timeout or self._timeout
            )
        except httpx.TransportError as error:
            raise self._absent(type(error).__name__) from None
        if response.headers.get(_ID_HEADER) != self._id:
            raise self._absent("something else answers")
        if client is self._admin and response.is_server_error:
            raise UnreachableError(f"the sandbox answers {response.status_code}")
        return response

    def _absent(self, seen: str) -> UnreachableError | GoneError:
        if self._process.provably_dead():
            return GoneError("the sandbox is gone")
        return UnreachableError(f"the sandbox does not answer: {seen}")


def _client(url: str, timeout: float) -> httpx.Client:
    # A proxy variable of the environment must never divert what goes to the target.
    return httpx.Client(base_url=url, timeout=timeout, trust_env=False, verify=trusted_for(url))


def _said(response: httpx.Response) -> str:
    return f"the sandbox refuses ({response.status_code}): {response.json()['error']}"
