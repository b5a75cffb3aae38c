"""Requests to a Kubernetes API server, and what it means when they fail.

Objects are plain JSON: what we read of one must be given back as it was, and a typed model
drops fields that it does not know.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any, Literal

import httpx

from drillmaster.targets.base import DeclinedError, UnreachableError
from drillmaster.targets.kubernetes.connection.access import Access

Object = dict[str, Any]
"""An object of the API, as JSON."""

BUDGET = "DisruptionBudget"
"""The cause of a refused eviction."""

US = "drillmaster"
"""What the API server calls us where it says which program wrote a field."""

_PATCHES = {
    "merge": "application/merge-patch+json",
    "strategic": "application/strategic-merge-patch+json",
    "json": "application/json-patch+json",
}
_PAGE = 500  # objects a page of a list
_JSON = "application/json"
_HEADS = f"{_JSON};as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,{_JSON}"


class AnsweredError(DeclinedError):
    """The API server answers, and refuses."""

    def __init__(self, message: str, status: int, causes: list[str]) -> None:
        super().__init__(message)
        self.status = status
        """The HTTP status code."""
        self.causes = causes
        """The reasons that the server gives in detail, such as `DisruptionBudget`."""


class MissingError(AnsweredError):
    """There is no such object (404)."""


class ForbiddenError(AnsweredError):
    """The identity in use may not (403)."""


class ConflictError(AnsweredError):
    """There is one already, or it has changed meanwhile (409)."""


_ERRORS = {404: MissingError, 403: ForbiddenError, 409: ConflictError}


class KubernetesApi:
    """A connection to one API server, as one identity."""

    def __init__(
        self,
        access: Access,
        timeout: float,
        in_name_of: Sequence[tuple[str, str]] = (),
        client: httpx.Client | None = None,
    ) -> None:
        self.server = access.server
        self._access, self._timeout = access, timeout
        self._in_name_of = in_name_of
        self._client = client or httpx.Client(
            base_url=access.server,
            verify=access.tls,
            proxy=access.proxy,
            timeout=timeout,
            headers={"User-Agent": US},
            trust_env=False,  # the proxy is chosen with the credentials
        )

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def impersonating(self, user: str, groups: Sequence[str]) -> "KubernetesApi":
        """The same connection, in somebody's name: it ends with this one. Requests raise
        ForbiddenError where the identity in use may not impersonate."""
        headers = [("Impersonate-User", user)]
        headers += [("Impersonate-Group", group) for group in groups]
        return KubernetesApi(self._access, self._timeout, headers, self._client)

    def get(self, path: str, **params: str) -> Object:
        """An object. Raises MissingError, AnsweredError, UnreachableError."""
        return self._ask("GET", path, params)

    def items(self, path: str, **params: str) -> list[Object]:
        """All objects of a list, page by page. Raises as `get`."""
        return self._listed(path, params, _JSON)

    def _listed(self, path: str, params: Mapping[str, str], accepted: str) -> list[Object]:
        found: list[Object] = []
        after: dict[str, str] = {}
        while True:
            asked = {**params, "limit": str(_PAGE), **after}
            page = self._ask("GET", path, asked, accepted=accepted)
            found.extend(page["items"] or [])  # of metadata alone, none are null
            token = page["metadata"].get("continue")
            if not token:
                return found
            after = {"continue": token}

    def heads(self, path: str) -> list[Object]:
        """The `metadata` alone of all objects of a list. Raises as `get`."""
        return self._listed(path, {}, _HEADS)

    def stream(self, path: str, params: Mapping[str, str], silence: float) -> Iterator[Object]:
        """The events of a watch, until the server ends it. One that says nothing for so many
        seconds is broken. Raises as `get`; AnsweredError with the status 410 where the server
        has forgotten the version that the watch was to begin from."""
        request = self._client.build_request(
            "GET",
            path,
            params=dict(params),
            headers=self._headers(),
            timeout=httpx.Timeout(self._timeout, read=silence),
            extensions=self._name(),
        )
        try:
            with closing(self._client.send(request, stream=True)) as response:
                if not response.is_success:
                    response.read()
                    self._answer(response)
                for line in response.iter_lines():
                    yield self._event(line)
        except httpx.TransportError as error:
            raise self._unreachable(error) from None

    def create(self, path: str, body: Object, *, dry_run: bool = False) -> Object:
        """Create an object, or ask a question that is written as one. Raises ConflictError where
        there is one, and as `get`."""
        return self._ask("POST", path, _dry(dry_run), body)

    def patch(
        self,
        path: str,
        body: Any,
        how: Literal["merge", "strategic", "json"] = "merge",
        *,
        dry_run: bool = False,
    ) -> Object:
        """Change an object. With `metadata.resourceVersion` in the body (or a `test` of it) it
        raises ConflictError where somebody else was first. Raises as `get`."""
        return self._ask("PATCH", path, _dry(dry_run), body, _PATCHES[how])

    def replace(self, path: str, body: Object, *, dry_run: bool = False) -> Object:
        """Write an object as it stands; as the server has stored it. With the
        `metadata.resourceVersion` that was read it raises ConflictError where somebody else was
        first. Raises as `get`."""
        return self._ask("PUT", path, _dry(dry_run), body)

    def delete(self, path: str, body: Object | None = None, *, dry_run: bool = False) -> bool:
        """Delete an object; whether there was one. Raises as `get`."""
        if body is not None and dry_run:  # where there is a body, the server reads no parameter
            body = {**body, "dryRun": ["All"]}
        try:
            self._ask("DELETE", path, _dry(dry_run), body)
        except MissingError:
            return False
        return True

    def _ask(
        self,
        method: str,
        path: str,
        params: Mapping[str, str],
        body: Any = None,
        content_type: str = _JSON,
        *,
        accepted: str = _JSON,
    ) -> Object:
        try:
            response = self._client.request(
                method,
                path,
                params=params,
                content=None if body is None else json.dumps(body),
                headers=[*self._headers(accepted), ("Content-Type", content_type)],
                extensions=self._name(),
            )
        except httpx.TransportError as error:
            raise self._unreachable(error) from None
        return self._answer(response)

    def _headers(self, accepted: str = _JSON) -> list[tuple[str, str]]:
        headers = [("Accept", accepted), *self._in_name_of]
        if authorization := self._access.authorization():
            headers.append(("Authorization", authorization))
        return headers

    def _name(self) -> dict[str, Any]:
        name = self._access.server_name
        return {"sni_hostname": name} if name else {}

    def _unreachable(self, error: httpx.TransportError) -> UnreachableError:
        return UnreachableError(f"{self.server} does not answer: {type(error).__name__}")

    def _event(self, line: str) -> Object:
        try:
            event: Object = json.loads(line)
        except ValueError:  # the connection ended in the middle of it
            raise UnreachableError(f"{self.server} does not answer: half an event") from None
        if event["type"] == "ERROR":
            status = event["object"]
            message = f"{self.server} ends the watch: {status.get('message', '')}"
            raise AnsweredError(message, int(status.get("code", 500)), [])
        return event

    def _answer(self, response: httpx.Response) -> Object:
        if response.is_success:
            answer: Object = response.json()
            return answer
        if response.is_server_error:  # what was asked may have been done all the same
            raise UnreachableError(f"{self.server} answers {response.status_code}")
        said = _status(response)
        causes = [one.get("reason", "") for one in (said.get("details") or {}).get("causes", [])]
        if response.status_code == 429 and BUDGET not in causes:  # it has too much to do
            raise UnreachableError(f"{self.server} answers 429")
        message = f"{self.server} refuses ({response.status_code}): {said.get('message', '')}"
        kind = _ERRORS.get(response.status_code, AnsweredError)
        raise kind(message, response.status_code, causes)


def _status(response: httpx.Response) -> Object:
    try:
        said = response.json()
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _dry(dry_run: bool) -> dict[str, str]:
    return {"dryRun": "All"} if dry_run else {}
