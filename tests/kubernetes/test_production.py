"""A hundred targets that look like production: each is refused, and none is asked anything that
its name alone tells."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from drillmaster.targets.kubernetes.target import KubernetesTarget
from drillmaster.timeline.store import Store
from tests.support.cluster import connected, drillable
from tests.support.controlplane import ControlPlane
from tests.support.guarded import at_target, before, environment, refusal
from tests.support.stores import store

__all__ = ["store"]

WORDS = [
    *("prod", "production", "prd", "live"),
    *("PROD", "Production", "eu-prod", "prod-eu", "prod1", "prod-2"),
    *("shop.prod", "shop-production", "k8s-prd-west", "live-shop", "shop-live"),
    *("gke-acme-prod-cluster", "aks.production.west", "eks-live-1", "arn-aws-eks-prod"),
    *("prod-blue", "blue.prod.green", "a-production-b", "prd01", "x-live", "prod-x-staging"),
]
"""25 names, in four places each."""

NAMESPACES = sorted({word.lower().replace(".", "-") for word in WORDS} | {"prod-a", "b-live"})
"""As namespaces can be called: two of the others are the same there."""


def test_they_are_twenty_five_different_names() -> None:
    assert len(set(WORDS)) == len(WORDS) == len(NAMESPACES) == 25


@pytest.mark.parametrize("word", WORDS)
def test_a_context(store: Store, word: str) -> None:
    target = {"kind": "kubernetes", "context": word, "namespaces": ["shop"]}
    found = refusal(before(store, environment(target=target)))
    assert found == ("not-production", f"{word!r} looks like production")


@pytest.mark.parametrize("word", NAMESPACES)
def test_a_namespace(store: Store, word: str) -> None:
    target = {"kind": "kubernetes", "context": "staging", "namespaces": ["shop", word]}
    found = refusal(before(store, environment(target=target)))
    assert found == ("not-production", f"{word!r} looks like production")


@pytest.mark.parametrize("word", WORDS)
def test_a_server_that_a_context_hides(store: Store, word: str, tmp_path: Path) -> None:
    server = f"https://{word}.invalid:6443"
    kubeconfig = tmp_path / "config"
    kubeconfig.write_text(
        f"apiVersion: v1\nkind: Config\nclusters: [{{name: c, cluster: {{server: '{server}'}}}}]\n"
        "users: [{name: u, user: {token: t}}]\n"
        "contexts: [{name: staging, context: {cluster: c, user: u}}]\n"
        "current-context: staging\n",
        encoding="utf-8",
    )
    address = {
        "kind": "kubernetes",
        "context": "staging",
        "kubeconfig": str(kubeconfig),
        "namespaces": ["shop"],
    }
    with closing(KubernetesTarget(address, 1.0)) as target:
        found = refusal(at_target(store, target, environment()))
    assert found == ("target-not-production", f"{server!r} looks like production")


@pytest.fixture(scope="module")
def labelled(controlplane: ControlPlane) -> Iterator[tuple[str, KubernetesTarget]]:
    with drillable(controlplane) as namespace, connected(controlplane, namespace) as target:
        yield namespace, target


@pytest.mark.parametrize("word", WORDS)
def test_a_label_of_a_namespace(
    store: Store, controlplane: ControlPlane, labelled: tuple[str, KubernetesTarget], word: str
) -> None:
    namespace, target = labelled
    controlplane.merge(f"/api/v1/namespaces/{namespace}", {"metadata": {"labels": {"stage": word}}})
    found = refusal(at_target(store, target, environment()))
    assert found == ("target-not-production", f"'stage={word}' looks like production")
