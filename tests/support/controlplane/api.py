"""An API server, asked as its administrator: write objects, find a kind's path."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from http import HTTPStatus
from typing import Any

import httpx
import yaml

from tests.support.controlplane.identity import Identity

_OFTEN = 20
"""How often a write is tried while others write the same object."""


class Api:
    """An API server and its administrator."""

    def __init__(self, admin: Identity) -> None:
        self.server = admin.server
        self.ca = admin.ca
        self.admin = admin.client()
        """A connection as the administrator."""
        self._paths: dict[tuple[str, str], tuple[str, bool]] = {}

    def apply(
        self, *manifests: str | Mapping[str, Any], namespace: str | None = None
    ) -> list[dict[str, Any]]:
        """Apply manifests (YAML with any number of objects, or objects) as the administrator, as
        `kubectl apply --server-side` does. Returns what the API made of them."""
        return [self._apply(one, namespace) for one in _objects(manifests)]

    def _apply(self, manifest: Mapping[str, Any], namespace: str | None) -> dict[str, Any]:
        metadata = manifest["metadata"]
        path = self.path(
            manifest["apiVersion"], manifest["kind"], metadata.get("namespace", namespace)
        )
        return _written(
            lambda: self.admin.patch(
                f"{path}/{metadata['name']}",
                params={"fieldManager": "drill-test", "force": "true"},
                headers={"Content-Type": "application/apply-patch+yaml"},
                content=json.dumps(manifest),
            )
        )

    def merge(
        self, path: str, change: Mapping[str, Any], *, kind: str = "merge", by: str = "python-httpx"
    ) -> dict[str, Any]:
        """Change an object by a merge patch of a kind (`merge`; or `strategic-merge`, which tells
        containers by their names) as somebody with a program does. Returns what it became."""
        headers = {"Content-Type": f"application/{kind}-patch+json", "User-Agent": by}
        return _written(lambda: self.admin.patch(path, json=change, headers=headers))

    def rewrite(self, path: str, change: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
        """Read an object, change it and write it as a whole. Returns what it became."""

        def once() -> httpx.Response:
            thing = self.admin.get(path).raise_for_status().json()
            change(thing)
            return self.admin.put(path, json=thing)

        return _written(once)

    def path(self, version: str, kind: str, namespace: str | None = None) -> str:
        """The path of a kind's list, such as of `apps/v1` and `Deployment`."""
        root = f"/api/{version}" if "/" not in version else f"/apis/{version}"
        if (version, kind) not in self._paths:
            for resource in self.admin.get(root).raise_for_status().json()["resources"]:
                if "/" not in resource["name"]:
                    place = (resource["name"], resource["namespaced"])
                    self._paths[version, resource["kind"]] = place
        plural, namespaced = self._paths[version, kind]
        return f"{root}/namespaces/{namespace}/{plural}" if namespaced else f"{root}/{plural}"

    def close(self) -> None:
        """End the administrator's connection."""
        self.admin.close()

    def _forget(self, *paths: str) -> None:
        """Delete what nobody needs any more. Where the API is away, so is the control plane."""
        with suppress(httpx.TransportError):
            for path in paths:
                self.admin.delete(path)


def _written(write: Callable[[], httpx.Response]) -> dict[str, Any]:
    """What a write made. It is repeated where another was first, since controllers write at any
    time; a server gives up on a patch after five conflicts."""
    for _ in range(_OFTEN):
        answer = write()
        if answer.status_code != HTTPStatus.CONFLICT:
            break
    assert answer.is_success, answer.text
    written: dict[str, Any] = answer.json()
    return written


def _objects(manifests: Iterable[str | Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for manifest in manifests:
        if isinstance(manifest, str):
            yield from (one for one in yaml.safe_load_all(manifest) if one)
        else:
            yield manifest
