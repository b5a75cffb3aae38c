"""Connecting to a cluster."""

from pathlib import Path

from drillmaster.targets.base import Address
from drillmaster.targets.kubernetes.connection.api import KubernetesApi


def connected(address: Address, timeout: float) -> KubernetesApi:
    """A connection to the cluster of an address; each request may take `timeout` seconds.

    Raises:
        InvalidError: the address cannot be used.
    """
    from drillmaster.targets.kubernetes.connection.credentials import access_to  # noqa: PLC0415  # slow

    if "kubeconfig" in address:
        file = Path(address["kubeconfig"]).expanduser()
        address = {**address, "kubeconfig": str(file)}
    return KubernetesApi(access_to(address), timeout)
