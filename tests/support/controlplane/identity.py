"""Who asks a Kubernetes API: kubeconfig files, client certificates, HTTP clients."""

import base64
import os
import secrets
import shutil
import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import yaml

from tests.support.require import missing
from tests.support.sandbox import eventually

SIGNER = "kubernetes.io/kube-apiserver-client"


@dataclass(frozen=True)
class Identity:
    """A user of one API server, as the part of a kubeconfig file that says so."""

    server: str
    ca: Path | None
    login: dict[str, Any]
    """What a kubeconfig's user holds, with files rather than data."""

    def write(self, path: Path, name: str) -> None:
        """Write a kubeconfig file of which the one context has the name."""
        cluster = {"server": self.server}
        if self.ca is not None:
            cluster["certificate-authority"] = str(self.ca)
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "drill-test", "cluster": cluster}],
            "users": [{"name": name, "user": self.login}],
            "contexts": [{"name": name, "context": {"cluster": "drill-test", "user": name}}],
            "current-context": name,
        }
        path.write_text(yaml.safe_dump(config), encoding="utf-8")
        path.chmod(0o600)

    def client(self) -> httpx.Client:
        """A connection as this user."""
        context = ssl.create_default_context(cafile=None if self.ca is None else str(self.ca))
        if "client-certificate" in self.login:
            context.load_cert_chain(self.login["client-certificate"], self.login["client-key"])
        token = self.login.get("token")
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx.Client(
            base_url=self.server, verify=context, headers=headers, timeout=30, trust_env=False
        )


def of_kubeconfig(path: Path, folder: Path) -> Identity:
    """The identity of a kubeconfig's current context. Data becomes files in the folder."""
    config = yaml.safe_load(path.read_text(encoding="utf-8"))
    context = _named(config["contexts"], config["current-context"])["context"]
    cluster = _files(_named(config["clusters"], context["cluster"])["cluster"], folder)
    login = _files(_named(config["users"], context["user"])["user"], folder)
    ca = cluster.get("certificate-authority")
    return Identity(cluster["server"], Path(ca) if ca else None, login)


def _named(entries: list[dict[str, Any]], name: str) -> dict[str, Any]:
    return next(entry for entry in entries if entry["name"] == name)


def _files(settings: dict[str, Any], folder: Path) -> dict[str, Any]:
    files = {}
    for key, value in settings.items():
        if key.endswith("-data"):
            path = folder / f"{key}-{secrets.token_hex(4)}.pem"
            path.touch(0o600)
            path.write_bytes(base64.b64decode(value))
            files[key.removesuffix("-data")] = str(path)
        else:
            files[key] = value
    return files


def certified(admin: Identity, user: str, groups: tuple[str, ...], folder: Path) -> Identity:
    """A user with a client certificate, from the API's own signer."""
    openssl = shutil.which("openssl")
    if openssl is None:
        missing("openssl", "there is no openssl command")
    key = folder / f"{user}-{secrets.token_hex(4)}.key"
    cert = key.with_suffix(".crt")
    subject = "".join(f"/O={group}" for group in groups) + f"/CN={user}"
    request = subprocess.run(
        [
            *(openssl, "req", "-new", "-nodes", "-newkey", "ec"),
            *("-pkeyopt", "ec_paramgen_curve:prime256v1", "-subj", subject, "-keyout", key),
        ],
        check=True,
        capture_output=True,
        timeout=60,
    ).stdout
    with admin.client() as client:
        cert.write_bytes(_signed(client, request))
    return Identity(
        admin.server, admin.ca, {"client-certificate": str(cert), "client-key": str(key)}
    )


def _signed(client: httpx.Client, request: bytes) -> bytes:
    requests = "/apis/certificates.k8s.io/v1/certificatesigningrequests"
    name = f"drill-test-{os.getpid()}-{secrets.token_hex(4)}"
    body: dict[str, Any] = {
        "apiVersion": "certificates.k8s.io/v1",
        "kind": "CertificateSigningRequest",
        "metadata": {"name": name},
        "spec": {
            "request": base64.b64encode(request).decode(),
            "signerName": SIGNER,
            "usages": ["client auth"],
        },
    }
    made = client.post(requests, json=body).raise_for_status().json()
    condition = {"type": "Approved", "status": "True", "reason": "Test", "message": "a test asks"}
    made["status"] = {"conditions": [condition]}
    client.put(f"{requests}/{name}/approval", json=made).raise_for_status()

    def certificate() -> Any:
        return client.get(f"{requests}/{name}").json()["status"].get("certificate")

    eventually(certificate, 30)
    signed = base64.b64decode(certificate())
    client.delete(f"{requests}/{name}")
    return signed
