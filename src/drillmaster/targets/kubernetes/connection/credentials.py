"""How a cluster is reached and who asks it: from a kubeconfig, in the cluster, or by a token.

The official client's loader reads kubeconfigs, because it knows every way to log in, plug-ins
among them. It writes keys to files; here they stand in a folder that is deleted as soon as they
are read, so that no key is left by a process that is killed.
"""

import os
import ssl
from collections.abc import Callable
from difflib import get_close_matches
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar
from urllib.parse import urlsplit

import yaml
from kubernetes.client import Configuration
from kubernetes.config import (
    ConfigException,
    load_incluster_config,
    load_kube_config,
)

from drillmaster.definitions.secrets import resolve_secret
from drillmaster.errors import InvalidError
from drillmaster.targets.base import Address
from drillmaster.targets.kubernetes.connection.access import Access

T = TypeVar("T")

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def access_to(address: Address) -> Access:
    """The cluster that an address names.

    Args:
        address: `context` and maybe `kubeconfig`; or `in_cluster`; or `server`,
            `certificate_authority` and `token`, a reference to a secret.

    Raises:
        InvalidError: there is no such file or context, it cannot be read, or it would not verify
            the server.
    """
    if "server" in address:
        return _by_token(address)
    configuration = Configuration()
    with TemporaryDirectory(prefix="drillmaster-") as folder:
        if address.get("in_cluster"):
            _load("the cluster's own account", lambda: load_incluster_config(configuration))
        else:
            _load_context(address["kubeconfig"], address["context"], configuration, folder)
        return Access(
            server=_verifiable(configuration),
            tls=_tls(configuration),
            server_name=configuration.tls_server_name,
            proxy=configuration.proxy,
            authorization=lambda: configuration.get_api_key_with_prefix("BearerToken"),
        )


def _by_token(address: Address) -> Access:
    server, authority = address["server"], address.get("certificate_authority")
    configuration = Configuration(host=server)
    configuration.ssl_ca_cert = authority
    return Access(
        server=_verifiable(configuration),
        tls=_tls(configuration),
        server_name=None,
        proxy=configuration.proxy,
        authorization=lambda: f"Bearer {resolve_secret(address['token'])}",
    )


def _load_context(file: str, context: str, configuration: Configuration, folder: str) -> None:
    if not Path(file).is_file():  # a list of files would fall through to localhost
        hint = ""
        if "KUBECONFIG" in os.environ:
            hint = "; KUBECONFIG is not read; name the file as kubeconfig under target"
        raise InvalidError(f"kubeconfig {file}: there is no such file{hint}")
    what = f"kubeconfig {file}"
    names = _load(what, lambda: _contexts(file))
    if context not in names:
        close = get_close_matches(context, names, n=1)
        hint = f"did you mean {close[0]}?" if close else f"it has {', '.join(names) or 'none'}"
        raise InvalidError(f"{what} has no context {context!r}; {hint}")
    _load(
        f"{what}, context {context}",
        lambda: load_kube_config(
            file, context, configuration, persist_config=False, temp_file_path=folder
        ),
    )


def _contexts(file: str) -> list[str]:
    """The names of its contexts. The client's own list wants a `current-context` that is one of
    them, and we use none."""
    text = Path(file).read_text(encoding="utf-8")
    return [str(one["name"]) for one in yaml.safe_load(text)["contexts"]]


def _load(what: str, load: Callable[[], T]) -> T:
    try:
        return load()
    except (ConfigException, yaml.YAMLError, OSError, KeyError, TypeError, ValueError) as error:
        why = f": {error}" if isinstance(error, ConfigException) else ""
        raise InvalidError(f"{what} cannot be used{why}") from None


def _verifiable(configuration: Configuration) -> str:
    """The server's address, if what answers there can be known to be the server."""
    server: str = configuration.host
    parts = urlsplit(server)
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise InvalidError(f"{server} is reached without TLS; only a proxy on loopback may be")
    if not configuration.verify_ssl:
        raise InvalidError(
            f"{server} would not be verified (insecure-skip-tls-verify); "
            "give its certificate-authority instead"
        )
    return server


def _tls(configuration: Configuration) -> ssl.SSLContext | bool:
    if configuration.host.startswith("http://"):
        return True
    try:
        context = ssl.create_default_context(cafile=configuration.ssl_ca_cert)
        if configuration.cert_file:
            context.load_cert_chain(configuration.cert_file, configuration.key_file)
    except (OSError, ssl.SSLError) as error:
        why = error.strerror or type(error).__name__
        raise InvalidError(
            f"a certificate for {configuration.host} cannot be used: {why}"
        ) from None
    return context
