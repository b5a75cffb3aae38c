"""The kinds of object that we read or write, and where the API has them."""

from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class Resource:
    """One kind of object."""

    plural: str
    """As RBAC and URLs call it, such as `deployments`."""
    version: str
    """Its API group and version, such as `apps/v1`; `v1` for the core group."""
    kind: str
    """As `kind:` calls it."""
    namespaced: bool = True

    @property
    def group(self) -> str:
        """Its API group; empty for the core group."""
        return self.version.rpartition("/")[0]

    def path(self, namespace: str | None, name: str | None = None, sub: str | None = None) -> str:
        """The path of one object, or of all; of a part of it with `sub`."""
        parts = ["/apis" if self.group else "/api", self.version]
        if self.namespaced and namespace is not None:
            parts += ["namespaces", quote(namespace, safe="")]
        parts += [self.plural, *(quote(part, safe="") for part in (name, sub) if part)]
        return "/".join(parts)


NAMESPACES = Resource("namespaces", "v1", "Namespace", namespaced=False)
NODES = Resource("nodes", "v1", "Node", namespaced=False)
PODS = Resource("pods", "v1", "Pod")
EVENTS = Resource("events", "v1", "Event")
CONFIG_MAPS = Resource("configmaps", "v1", "ConfigMap")
SECRETS = Resource("secrets", "v1", "Secret")
QUOTAS = Resource("resourcequotas", "v1", "ResourceQuota")
DEPLOYMENTS = Resource("deployments", "apps/v1", "Deployment")
STATEFUL_SETS = Resource("statefulsets", "apps/v1", "StatefulSet")
DAEMON_SETS = Resource("daemonsets", "apps/v1", "DaemonSet")
REPLICA_SETS = Resource("replicasets", "apps/v1", "ReplicaSet")
REVISIONS = Resource("controllerrevisions", "apps/v1", "ControllerRevision")
NETWORK_POLICIES = Resource("networkpolicies", "networking.k8s.io/v1", "NetworkPolicy")
DISRUPTION_BUDGETS = Resource("poddisruptionbudgets", "policy/v1", "PodDisruptionBudget")
AUTOSCALERS = Resource("horizontalpodautoscalers", "autoscaling/v2", "HorizontalPodAutoscaler")
LEASES = Resource("leases", "coordination.k8s.io/v1", "Lease")
VIRTUAL_SERVICES = Resource("virtualservices", "networking.istio.io/v1", "VirtualService")

WORKLOADS = (DEPLOYMENTS, STATEFUL_SETS, DAEMON_SETS)
"""What brings pods back."""

MARKED = (
    *(CONFIG_MAPS, SECRETS, QUOTAS, DEPLOYMENTS, STATEFUL_SETS, NETWORK_POLICIES),
    *(VIRTUAL_SERVICES, NODES),
)
"""What may bear a mark of ours: every kind that a fault creates or changes."""

HISTORY = (REPLICA_SETS, REVISIONS)
"""Earlier versions of workloads. The controllers copy the annotations of a workload to them, a
mark of ours among them."""
