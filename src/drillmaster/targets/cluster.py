"""Where a cluster is, as data: so that whoever undoes needs no definition."""

from pathlib import Path

from drillmaster.definitions.targets import KubernetesSpec
from drillmaster.targets.base import Address


def address_of(spec: KubernetesSpec) -> Address:
    """The address of a cluster. Files are named so that they are found from any folder."""
    address: Address = spec.model_dump(mode="json", exclude_none=True)
    for key in ("kubeconfig", "certificate_authority", "audit_log"):
        if key in address:
            address[key] = str(Path(address[key]).expanduser().absolute())
    return address
