"""Where a cluster is, as data: so that whoever undoes needs no definition."""

from collections.abc import Iterable
from pathlib import Path

from drillmaster.definitions.targets import KubernetesSpec, KubernetesUser
from drillmaster.targets.base import Address


def address_of(spec: KubernetesSpec, people: Iterable[str] = ()) -> Address:
    """The address of a cluster, with who each of the people is there. Files are named so that
    they are found from any folder."""
    users = {who: KubernetesUser(user=who) for who in people} | spec.users
    known = spec.model_copy(update={"users": users})
    address: Address = known.model_dump(mode="json", exclude_none=True)
    for key in ("kubeconfig", "certificate_authority", "audit_log"):
        if key in address:
            address[key] = str(Path(address[key]).expanduser().absolute())
    return address
