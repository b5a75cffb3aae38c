"""How a cluster is reached, as whom, and what it means when it is not."""

import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
import yaml

from drillmaster.errors import InvalidError
from drillmaster.targets.base import Address, UnreachableError
from drillmaster.targets.kubernetes.connection.api import (
    AnsweredError,
    ConflictError,
    ForbiddenError,
    KubernetesApi,
    MissingError,
)
from drillmaster.targets.kubernetes.connection.credentials import access_to
from tests.support.controlplane import ControlPlane, OwnControlPlane
from tests.support.sandbox import eventually

Connect = Callable[..., KubernetesApi]


def of(controlplane: ControlPlane, who: str) -> Address:
    """How somebody reaches the control plane."""
    file, context = controlplane.kubeconfig(who), controlplane.context(who)
    return {"kubeconfig": str(file), "context": context}


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Connects to an address; all connections end with the test."""
    with ExitStack() as stack:

        def connect(address: Address, timeout: float = 5.0) -> KubernetesApi:
            api = KubernetesApi(access_to(address), timeout)
            return stack.enter_context(closing(api))

        yield connect


def whoami(api: KubernetesApi) -> str:
    path = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
    kind = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
    return str(api.create(path, kind)["status"]["userInfo"]["username"])


def rewritten(file: Path, to: Path, change: Callable[[Any], None]) -> Path:
    config = yaml.safe_load(file.read_text(encoding="utf-8"))
    change(config)
    to.write_text(yaml.safe_dump(config), encoding="utf-8")
    return to


def test_two_identities_in_one_process_stay_apart(
    controlplane: ControlPlane, connect: Connect
) -> None:
    primary = connect(of(controlplane, "primary"))
    secondary = connect(of(controlplane, "secondary"))
    assert whoami(primary) == controlplane.user("primary")
    assert whoami(secondary) == controlplane.user("secondary")
    assert whoami(primary) == controlplane.user("primary")


def test_a_token_is_used_by_reference(
    controlplane: ControlPlane,
    connect: Connect,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with controlplane.namespace() as namespace:
        path = f"/api/v1/namespaces/{namespace}/serviceaccounts/default/token"
        kind = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}
        token = controlplane.admin.post(path, json=kind).json()["status"]["token"]
        monkeypatch.setenv("CLUSTER_TOKEN", token)
        authority = tmp_path / "ca.crt"
        authority.write_bytes(Path(str(controlplane.ca)).read_bytes())
        address = {
            "server": controlplane.server,
            "certificate_authority": str(authority),
            "token": "env:CLUSTER_TOKEN",
        }
        assert whoami(connect(address)).endswith(f":{namespace}:default")
        assert token not in repr(access_to(address))


def test_keys_of_a_kubeconfig_leave_no_file(
    controlplane: ControlPlane,
    connect: Connect,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    address = of(controlplane, "primary")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    for _ in range(2):  # the loader remembers where it wrote a key; the file is gone by then
        api = connect(address)
        assert list(scratch.iterdir()) == []
        assert whoami(api) == controlplane.user("primary")


def test_a_context_that_is_not_there_is_told_with_the_closest(controlplane: ControlPlane) -> None:
    file = controlplane.kubeconfig("primary")
    context = controlplane.context("primary")
    with pytest.raises(InvalidError, match=f"no context .*did you mean {context}"):
        access_to({"kubeconfig": str(file), "context": f"{context}x"})


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (None, "there is no such file"),
        ("{", "cannot be used"),
        ("[]", "cannot be used"),
        ("contexts: {a: 1}", "cannot be used"),
        ("contexts: []", "has no context 'a'; it has none"),
        ("contexts: [{name: a}]", "cannot be used"),
        ("current-context: a\ncontexts: [{name: a}]", "cannot be used"),
    ],
)
def test_a_kubeconfig_that_cannot_be_used_is_one_message(
    text: str | None, told: str, tmp_path: Path
) -> None:
    file = tmp_path / "config"
    if text is not None:
        file.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidError, match=told) as caught:
        access_to({"kubeconfig": str(file), "context": "a"})
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("current", [None, "", "gone"])
def test_the_current_context_is_not_needed(
    controlplane: ControlPlane, tmp_path: Path, connect: Connect, current: str | None
) -> None:
    def without(config: Any) -> None:
        config.pop("current-context", None)
        if current is not None:
            config["current-context"] = current

    file = rewritten(controlplane.kubeconfig("primary"), tmp_path / "config", without)
    api = connect({"kubeconfig": str(file), "context": controlplane.context("primary")})
    assert api.get("/version")["major"]


def test_a_variable_that_is_not_read_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = {"kubeconfig": str(tmp_path / "config"), "context": "staging"}
    monkeypatch.delenv("KUBECONFIG", raising=False)
    with pytest.raises(InvalidError, match=r"there is no such file$"):
        access_to(nowhere)
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "other"))
    told = "KUBECONFIG is not read; name the file as kubeconfig under target$"
    with pytest.raises(InvalidError, match=told):
        access_to(nowhere)


def test_several_files_are_no_file(controlplane: ControlPlane) -> None:
    file = controlplane.kubeconfig("primary")
    with pytest.raises(InvalidError, match="there is no such file"):
        access_to({"kubeconfig": f"{file}:{file}", "context": controlplane.context("primary")})


def test_a_server_that_would_not_be_verified_is_refused(
    controlplane: ControlPlane, tmp_path: Path
) -> None:
    def unverified(config: Any) -> None:
        cluster = config["clusters"][0]["cluster"]
        cluster.pop("certificate-authority-data", None)
        cluster.pop("certificate-authority", None)
        cluster["insecure-skip-tls-verify"] = True

    file = rewritten(controlplane.kubeconfig("primary"), tmp_path / "config", unverified)
    address = {"kubeconfig": str(file), "context": controlplane.context("primary")}
    with pytest.raises(InvalidError, match="would not be verified"):
        access_to(address)


def test_plain_http_is_for_loopback_alone(controlplane: ControlPlane, tmp_path: Path) -> None:
    def plain(config: Any) -> None:
        config["clusters"][0]["cluster"]["server"] = "http://staging.example:8080"

    file = rewritten(controlplane.kubeconfig("primary"), tmp_path / "config", plain)
    address = {"kubeconfig": str(file), "context": controlplane.context("primary")}
    with pytest.raises(InvalidError, match="without TLS"):
        access_to(address)


def test_what_the_server_refuses_is_told_by_kind(
    controlplane: ControlPlane, connect: Connect
) -> None:
    ours, nobody = connect(of(controlplane, "admin")), connect(of(controlplane, "nobody"))
    with controlplane.namespace() as namespace:
        path = f"/api/v1/namespaces/{namespace}/configmaps"
        body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "one"}}
        ours.create(path, body)
        with pytest.raises(ConflictError, match="already exists"):
            ours.create(path, body)
        with pytest.raises(MissingError, match="not found"):
            ours.get(f"{path}/other")
        with pytest.raises(ForbiddenError, match="cannot get resource"):
            nobody.get(f"{path}/one")
        with pytest.raises(AnsweredError):
            ours.create(path, {"metadata": {}})
        assert ours.delete(f"{path}/one", dry_run=True)
        assert ours.delete(f"{path}/one")
        assert not ours.delete(f"{path}/one")


def test_a_list_is_read_to_its_end(
    controlplane: ControlPlane, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("drillmaster.targets.kubernetes.connection.api._PAGE", 2)
    api = connect(of(controlplane, "admin"))
    with controlplane.namespace() as namespace:
        path = f"/api/v1/namespaces/{namespace}/configmaps"
        for number in range(5):
            name = {"name": f"map-{number}"}
            api.create(path, {"apiVersion": "v1", "kind": "ConfigMap", "metadata": name})
        names = {one["metadata"]["name"] for one in api.items(path)}
        assert names >= {f"map-{number}" for number in range(5)}


def unreachable(api: KubernetesApi) -> str:
    """Why the server cannot be reached; empty while it can."""
    try:
        api.get("/version")
    except UnreachableError as error:
        return str(error)
    return ""


def test_a_server_that_is_away_or_hangs_is_unreachable(
    own_controlplane: OwnControlPlane, connect: Connect
) -> None:
    api = connect(of(own_controlplane, "admin"), timeout=0.5)
    api.get("/version")
    own_controlplane.pause()
    eventually(lambda: "ReadTimeout" in unreachable(api))  # the last answer may be on its way
    own_controlplane.resume()
    api.get("/version")
    own_controlplane.stop_api()
    with pytest.raises(UnreachableError, match="does not answer"):
        api.get("/version")
    own_controlplane.start_api()
    api.get("/version")


def test_something_that_accepts_and_does_not_answer_is_unreachable(
    connect: Connect, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        token = tmp_path / "token"
        token.write_text("t", encoding="utf-8")
        address = {"server": f"http://127.0.0.1:{port}", "token": f"file:{token}"}
        with pytest.raises(UnreachableError):
            connect(address, timeout=0.3).get("/version")


def test_who_drills_no_cluster_does_not_load_what_reads_its_credentials() -> None:
    program = (
        "import sys, drillmaster.engine.drill.supervisor, drillmaster.engine.machine.runner;"
        "print(*sorted({'kubernetes', 'chaosk8s'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert done.stdout == b"\n", "it takes half a second"
