"""The people's own log-ins to the cluster."""

import threading

from drillmaster.targets.base import DeclinedError, Identity
from drillmaster.targets.kubernetes.connection.api import KubernetesApi
from drillmaster.targets.kubernetes.connection.connecting import connected


class OwnLogins:
    """Connections as people themselves, each made once. Any thread may ask."""

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self._lock = threading.Lock()
        self._apis: dict[tuple[str, str], KubernetesApi] = {}

    def api(self, who: Identity) -> KubernetesApi:
        """The connection of a person.

        Raises:
            DeclinedError: their kubeconfig is not known here.
            InvalidError: it cannot be used.
        """
        if who.kubeconfig is None or who.context is None:
            raise DeclinedError(f"{who.id} has no kubeconfig here to ask with")
        key = who.kubeconfig, who.context
        with self._lock:
            if key not in self._apis:
                address = {"kubeconfig": who.kubeconfig, "context": who.context}
                self._apis[key] = connected(address, self._timeout)
            return self._apis[key]

    def close(self) -> None:
        """Give the connections back."""
        for api in self._apis.values():
            api.close()
