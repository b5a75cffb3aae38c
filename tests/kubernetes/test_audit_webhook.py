"""What a person does at a cluster whose API server posts its audit log to a webhook."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from drillmaster.targets.kubernetes.target import KubernetesTarget
from tests.support.certificates import certificate
from tests.support.cluster import address, drillable
from tests.support.controlplane import OwnControlPlane
from tests.support.controlplane.manifests import deployment
from tests.support.sandbox import eventually

COMMAND = [sys.executable, "-m", "drillmaster.cli", "collect-audit"]
PEM = ("server.crt", "server.key")
TOKEN = "t0ken-of-the-api-server"


@contextmanager
def collecting(folder: Path) -> Iterator[tuple[str, Path]]:
    """The address of `drillmaster collect-audit`, and its file."""
    log = folder / "collected.log"
    for name, text in zip(PEM, certificate(), strict=True):
        (folder / name).write_text(text, encoding="utf-8")
    tls = ["--certificate", str(folder / PEM[0]), "--key", str(folder / PEM[1])]
    process = subprocess.Popen(
        [*COMMAND, str(log), "--token", "env:AUDIT_TOKEN", "--listen", "127.0.0.1:0", *tls],
        env={**os.environ, "AUDIT_TOKEN": TOKEN},
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        try:
            yield next(word for word in process.stdout.readline().split() if "://" in word), log
        finally:
            process.terminate()


def post_audit_to(own: OwnControlPlane, url: str, certificate: Path) -> None:
    """Have the API server post its audit log there, as an administrator sets it up. It sends its
    token over TLS alone."""
    assert own.audit_log is not None
    trusted = {
        "certificate-authority": str(certificate),
        "tls-server-name": "checkout.shop.example",
    }
    webhook = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "drillmaster", "cluster": {"server": url, **trusted}}],
        "users": [{"name": "api-server", "user": {"token": TOKEN}}],
        "contexts": [
            {"name": "webhook", "context": {"cluster": "drillmaster", "user": "api-server"}}
        ],
        "current-context": "webhook",
    }
    path = own.audit_log.with_name("audit-webhook.kubeconfig")
    path.write_text(json.dumps(webhook), encoding="utf-8")
    own.stop_api()
    own.call_api_with(
        f"--audit-webhook-config-file={path}",
        "--audit-webhook-batch-max-wait=200ms",
        "--audit-webhook-initial-backoff=100ms",
    )
    own.start_api()


def test_a_persons_act_is_told_from_what_was_posted(
    own_controlplane: OwnControlPlane, tmp_path: Path
) -> None:
    with collecting(tmp_path) as (url, log):
        post_audit_to(own_controlplane, url, tmp_path / PEM[0])
        with drillable(own_controlplane) as namespace:
            own_controlplane.apply(deployment(replicas=2), namespace=namespace)
            own_controlplane.wait_ready(namespace, 2)
            rule = {"apiGroups": ["apps"], "resources": ["deployments/scale"], "verbs": ["patch"]}
            own_controlplane.grant("secondary", namespace, rule)
            user = own_controlplane.user("secondary")
            where = address(own_controlplane, namespace)
            where |= {"users": {"ben": {"user": user}}, "audit_log": str(log)}
            with (
                closing(KubernetesTarget(where, 4.0)) as target,
                own_controlplane.client("secondary") as client,
            ):
                path = f"/apis/apps/v1/namespaces/{namespace}/deployments/checkout"
                headers = {"Content-Type": "application/merge-patch+json"}
                body = {"spec": {"replicas": 3}}
                client.patch(f"{path}/scale", json=body, headers=headers).raise_for_status()
                client.patch(path, json=body, headers=headers)
                eventually(lambda: len(target.audit(None)) == 2)
                done, refused = target.audit(None)
    assert (done.who, done.action, done.parameters) == ("ben", "scale", {"replicas": 3})
    assert done.allowed
    assert done.succeeded
    assert (refused.who, refused.allowed) == ("ben", False)
