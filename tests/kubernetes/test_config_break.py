"""Values of Secrets and ConfigMaps that are gone or have expired, and where they are meanwhile."""

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509

from drillmaster.faults.base import Injection, Radius
from drillmaster.faults.kubernetes.expired import expired
from drillmaster.faults.kubernetes.readers import reads
from drillmaster.targets.base import DeclinedError, UnreachableError
from drillmaster.targets.kubernetes.objects.resources import CONFIG_MAPS, SECRETS
from tests.support.certificates import certificate
from tests.support.cluster_faults import Shop, on_kubernetes, shop_of
from tests.support.controlplane import ControlPlane
from tests.support.controlplane.manifests import deployment, secret, with_secret
from tests.support.sandbox import eventually

BREAK = on_kubernetes("config-break")
PASSWORD = "correct-horse"
SETTINGS: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "settings"},
    "data": {"mode": "fast"},
    "binaryData": {"table": "AAEC"},
}


@pytest.fixture(scope="module")
def issued() -> tuple[str, str]:
    return certificate()


@pytest.fixture
def shop(controlplane: ControlPlane, issued: tuple[str, str]) -> Iterator[Shop]:
    pem, key = issued
    tls = secret("tls", **{"tls.crt": pem + pem, "tls.key": key}) | {"type": "kubernetes.io/tls"}
    workload = with_secret(deployment(replicas=2), "password")
    login = secret("checkout", password=PASSWORD, user="shop")
    with shop_of(controlplane, tls, login, SETTINGS, workload, pods=2) as made:
        yield made


def removal(shop: Shop, name: str = "f", **changes: Any) -> Injection:
    what = {"secret": "checkout", "key": "password", "how": "remove"}
    return shop.fault("config-break", name, **(what | changes))


def in_config_map(shop: Shop, key: str) -> Injection:
    return shop.fault("config-break", config_map="settings", key=key, how="remove")


def data(shop: Shop, name: str = "checkout") -> dict[str, str]:
    found: dict[str, str] = shop.get(SECRETS, name)["data"]
    return {key: base64.b64decode(value).decode() for key, value in found.items()}


def test_a_removed_value_is_under_another_key_and_nowhere_else(shop: Shop) -> None:
    before, fault = shop.all(), removal(shop)
    assert BREAK.hindrance(fault, shop.target) is None
    assert shop.all() == before, "it was only asked"
    touched = BREAK.inject(fault, shop.target, 1).touched
    assert touched == ["Secret checkout (read by 2 pods of checkout)"]
    assert data(shop) == {"drillmaster-undo.password": PASSWORD, "user": "shop"}
    told = json.dumps(shop.get(SECRETS, "checkout")["metadata"])
    for value in (PASSWORD, base64.b64encode(PASSWORD.encode()).decode()):
        assert value not in told
    done = BREAK.undo(fault, shop.target, "injected")
    assert (done.was_present, done.residue) == (True, None)
    assert shop.all() == before
    managers = {
        entry["manager"] for entry in shop.get(SECRETS, "checkout")["metadata"]["managedFields"]
    }
    assert managers == {"drill-test"}, "whoever applies it next has no conflict with us"


def test_pods_that_start_from_now_on_show_it(shop: Shop) -> None:
    fault = removal(shop)
    assert BREAK.radius(fault, shop.target) == Radius(2, 2, takes_down=0)
    BREAK.inject(fault, shop.target, 1)
    assert BREAK.effect(fault, shop.target) is None, "those that run have what they read"
    victim = shop.controlplane.ready(shop.namespace)[0]
    shop.controlplane.admin.delete(f"/api/v1/namespaces/{shop.namespace}/pods/{victim}")
    eventually(lambda: BREAK.effect(fault, shop.target), 20)
    assert (BREAK.effect(fault, shop.target) or "").startswith("cannot start without password: ")
    BREAK.undo(fault, shop.target, "injected")
    assert BREAK.effect(fault, shop.target) is None
    shop.controlplane.wait_ready(shop.namespace, 2)


def test_an_expired_certificate_is_for_the_same_subject_and_key(
    shop: Shop, issued: tuple[str, str]
) -> None:
    pem, key = issued
    before = shop.all()
    fault = removal(shop, secret="tls", key="tls.crt", how="expire")
    assert BREAK.hindrance(fault, shop.target) is None
    BREAK.inject(fault, shop.target, 1)
    now = data(shop, "tls")
    assert now["drillmaster-undo.tls.crt"] == pem + pem
    assert now["tls.key"] == key
    made, chain = x509.load_pem_x509_certificates(now["tls.crt"].encode())
    old = x509.load_pem_x509_certificate(pem.encode())
    assert chain == old, "what follows the server's own certificate stays"
    assert made.subject == made.issuer == old.subject
    assert made.public_key() == old.public_key(), "a server with its private key still starts"
    names = x509.SubjectAlternativeName
    assert made.extensions.get_extension_for_class(names) == (
        old.extensions.get_extension_for_class(names)
    )
    ago = datetime.now(UTC) - made.not_valid_after_utc
    assert timedelta(days=1) <= ago < timedelta(days=1, minutes=5)
    assert BREAK.present(fault, shop.target)
    assert BREAK.undo(fault, shop.target, "injected").residue is None
    assert shop.all() == before


@pytest.mark.parametrize("key", ["mode", "table"])
def test_a_config_map_loses_a_key_and_gets_it_back(shop: Shop, key: str) -> None:
    before, fault = shop.all(), in_config_map(shop, key)
    assert BREAK.radius(fault, shop.target).elsewhere, "no pod says that it reads it"
    BREAK.inject(fault, shop.target, 1)
    after = shop.get(CONFIG_MAPS, "settings")
    field = "data" if key == "mode" else "binaryData"
    assert after[field] == {f"drillmaster-undo.{key}": SETTINGS[field][key]}
    assert BREAK.undo(fault, shop.target, "injected").was_present
    assert shop.all() == before


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"key": "pasword"}, "Secret checkout has no key pasword; it has password, user"),
        ({"secret": "chekout"}, "there is no Secret chekout in "),
        ({"how": "expire"}, "its value is no certificate in PEM"),
        ({"secret": "tls", "key": "tls.crt"}, "tls.crt"),
        ({"namespace": "prod"}, "namespace prod is none of the environment's"),
    ],
    ids=["key", "object", "no-certificate", "kind-of-secret-that-needs-it", "namespace"],
)
def test_what_cannot_be_broken_is_refused_and_untouched(
    shop: Shop, changes: dict[str, str], why: str
) -> None:
    before, fault = shop.all(), removal(shop, **changes)
    hindrance = BREAK.hindrance(fault, shop.target) or ""
    assert why in hindrance
    with pytest.raises(DeclinedError) as refused:
        BREAK.inject(fault, shop.target, 1)
    for said in (hindrance, str(refused.value)):
        assert PASSWORD not in said
        assert "BEGIN" not in said
    assert shop.all() == before


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (b"", "its value is no certificate in PEM"),
        (b"-----BEGIN CERTIFICATE-----\nMIIB", "its value is no certificate in PEM"),
        (
            b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
            "the certificate in its value cannot be replaced (ValueError)",
        ),
    ],
    ids=["empty", "half", "garbled"],
)
def test_what_is_no_certificate_cannot_expire(value: bytes, why: str) -> None:
    with pytest.raises(DeclinedError) as refused:
        expired(value)
    assert str(refused.value) == why


def test_what_stands_around_a_certificate_stays(issued: tuple[str, str]) -> None:
    pem, key = issued
    value = expired(f"# ours\n{key}{pem}# the end\n".encode()).decode()
    assert value.startswith(f"# ours\n{key}-----BEGIN CERTIFICATE-----\n")
    assert value.endswith("-----END CERTIFICATE-----\n# the end\n")
    assert pem not in value


def test_an_immutable_object_is_refused(shop: Shop) -> None:
    shop.edit(SECRETS, "checkout", {"immutable": True})
    assert BREAK.hindrance(removal(shop), shop.target) == "Secret checkout is immutable"
    with pytest.raises(DeclinedError, match="immutable"):
        BREAK.inject(removal(shop), shop.target, 1)


def test_a_key_that_only_looks_like_ours_is_not_taken(shop: Shop) -> None:
    shop.edit(SECRETS, "checkout", {"stringData": {"drillmaster-undo.password": "mine"}})
    with pytest.raises(DeclinedError, match=r"has a key drillmaster-undo\.password already"):
        BREAK.inject(removal(shop), shop.target, 1)
    assert data(shop)["drillmaster-undo.password"] == "mine"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("changed-by-hand", "Secret checkout: data.password is something else by now"),
        (PASSWORD, "Secret checkout: data.password had been put back"),
    ],
    ids=["another", "the-same"],
)
def test_a_value_that_somebody_gave_meanwhile_stays(shop: Shop, value: str, words: str) -> None:
    fault = removal(shop)
    BREAK.inject(fault, shop.target, 1)
    shop.edit(SECRETS, "checkout", {"stringData": {"password": value}})
    assert not BREAK.present(fault, shop.target)
    done = BREAK.undo(fault, shop.target, "injected")
    assert (done.was_present, done.residue) == (False, words)
    assert data(shop) == {"password": value, "user": "shop"}


def test_an_object_that_was_deleted_meanwhile_is_told(shop: Shop) -> None:
    fault = removal(shop)
    BREAK.inject(fault, shop.target, 1)
    shop.delete(SECRETS, "checkout")
    done = BREAK.undo(fault, shop.target, "injected")
    assert (done.was_present, done.residue) == (False, "somebody had taken it away")


def test_a_kept_value_that_somebody_took_away_is_stuck_until_there_is_one(shop: Shop) -> None:
    fault = removal(shop)
    BREAK.inject(fault, shop.target, 1)
    shop.edit(SECRETS, "checkout", {"data": {"drillmaster-undo.password": None}})
    with pytest.raises(DeclinedError, match="give password a value by hand"):
        BREAK.undo(fault, shop.target, "injected")
    assert BREAK.present(fault, shop.target)
    shop.edit(SECRETS, "checkout", {"stringData": {"password": "new"}})
    assert "something else by now" in (BREAK.undo(fault, shop.target, "stuck").residue or "")
    assert data(shop) == {"password": "new", "user": "shop"}
    assert "annotations" not in shop.get(SECRETS, "checkout")["metadata"]


def test_an_undo_that_was_cut_off_halfway_is_gone_on_with(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It gives back in one write, and takes the mark away in another one."""
    before, fault = shop.all(), removal(shop)
    BREAK.inject(fault, shop.target, 1)
    replace = shop.target.api.replace

    def only_once(*of: Any, **how: Any) -> Any:
        monkeypatch.setattr(shop.target.api, "replace", cut_off)
        return replace(*of, **how)

    def cut_off(*_: Any, **__: Any) -> Any:
        raise UnreachableError("it does not answer")

    monkeypatch.setattr(shop.target.api, "replace", only_once)
    with pytest.raises(UnreachableError):
        BREAK.undo(fault, shop.target, "injected")
    monkeypatch.undo()
    assert data(shop) == {"password": PASSWORD, "user": "shop"}
    assert not BREAK.present(fault, shop.target)
    assert [mark.fault for mark in shop.target.marks()] == [fault.id], "a sweep finds it"
    done = BREAK.undo(fault, shop.target, "intent")
    assert (done.was_present, done.residue) == (False, None)
    assert shop.all() == before


def test_who_may_put_the_value_back_by_itself_is_told(shop: Shop) -> None:
    assert BREAK.radius(removal(shop), shop.target).rivals == ()
    owner = {"apiVersion": "v1", "kind": "ConfigMap", "name": "settings", "controller": True}
    owner["uid"] = shop.get(CONFIG_MAPS, "settings")["metadata"]["uid"]
    annotations = {"cert-manager.io/certificate-name": "checkout"}
    metadata = {"annotations": annotations, "ownerReferences": [owner]}
    shop.edit(SECRETS, "checkout", {"metadata": metadata})
    assert BREAK.radius(removal(shop), shop.target).rivals == (
        "cert-manager keeps Secret checkout as it is, and may undo the fault",
        "ConfigMap settings keeps Secret checkout as it is, and may undo the fault",
    )


def test_two_keys_of_one_object_are_undone_apart(shop: Shop) -> None:
    before, one, other = shop.all(), removal(shop, "one"), removal(shop, "other", key="user")
    BREAK.inject(one, shop.target, 1)
    BREAK.inject(other, shop.target, 1)
    BREAK.undo(one, shop.target, "injected")
    assert data(shop) == {"password": PASSWORD, "drillmaster-undo.user": "shop"}
    BREAK.undo(other, shop.target, "injected")
    assert shop.all() == before


def pod(**spec: Any) -> dict[str, Any]:
    return {"spec": {"containers": [{"name": "a"}], **spec}}


def container(**spec: Any) -> dict[str, Any]:
    return pod(containers=[{"name": "a", **spec}])


def env(kind: str, **ref: str) -> dict[str, Any]:
    return container(env=[{"name": "A", "value": "b"}, {"name": "B", "valueFrom": {kind: ref}}])


def volume(**source: Any) -> dict[str, Any]:
    return pod(volumes=[{"name": "v", "emptyDir": {}}, {"name": "w", **source}])


@pytest.mark.parametrize(
    ("of", "whether"),
    [
        (env("secretKeyRef", name="s", key="k"), True),
        (env("secretKeyRef", name="s", key="other"), False),
        (env("configMapKeyRef", name="s", key="k"), False),
        (container(envFrom=[{"secretRef": {"name": "s"}}]), True),
        (container(envFrom=[{"configMapRef": {"name": "s"}}]), False),
        (pod(initContainers=[{"name": "i", "envFrom": [{"secretRef": {"name": "s"}}]}]), True),
        (volume(secret={"secretName": "s"}), True),
        (volume(secret={"secretName": "s", "items": [{"key": "k", "path": "p"}]}), True),
        (volume(secret={"secretName": "s", "items": [{"key": "other", "path": "p"}]}), False),
        (volume(configMap={"name": "s"}), False),
        (volume(projected={"sources": [{"secret": {"name": "s"}}]}), True),
        (volume(projected={"sources": [{"configMap": {"name": "s"}}]}), False),
        (pod(), False),
    ],
)
def test_a_pod_says_what_it_reads(of: dict[str, Any], whether: bool) -> None:
    assert reads(of, SECRETS, "s", "k") is whether


def test_a_pod_says_what_it_reads_of_config_maps_too() -> None:
    assert reads(volume(configMap={"name": "c"}), CONFIG_MAPS, "c", "k")
    assert reads(env("configMapKeyRef", name="c", key="k"), CONFIG_MAPS, "c", "k")
    assert not reads(env("secretKeyRef", name="c", key="k"), CONFIG_MAPS, "c", "k")
