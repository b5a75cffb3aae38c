"""The roles that docs/kubernetes.md hands out, on a real cluster."""

from contextlib import closing

import pytest
import yaml

from drillmaster.access.checks import run_profile
from drillmaster.access.identities import identities_for
from drillmaster.clock import SteadyClock
from drillmaster.definitions.project import open_bundle
from drillmaster.probes.base import Asking
from drillmaster.targets.kubernetes.target import KubernetesTarget
from tests.support.cluster import address
from tests.support.controlplane import ControlPlane
from tests.support.controlplane.manifests import deployment
from tests.support.sandbox import eventually
from tests.support.shipped import DRILLS, ROOT

ON_CALL = ROOT / "docs" / "examples" / "kubernetes" / "on-call.yaml"


@pytest.mark.parametrize(("let_in", "answer"), [(True, "allowed"), (False, "denied")])
def test_the_on_call_role_allows_what_the_shipped_runbooks_ask_for(
    controlplane: ControlPlane, shop: str, let_in: bool, answer: str
) -> None:
    controlplane.apply(deployment(replicas=1), namespace=shop)
    if let_in:
        controlplane.apply(*yaml.safe_load_all(ON_CALL.read_text()), namespace=shop)
    bundle = open_bundle(DRILLS / "kubernetes-pod-churn.yaml")
    assert bundle.access is not None
    checks = [
        check.model_copy(
            update={"permission": check.permission.model_copy(update={"namespace": shop})}
        )
        for check in bundle.access.checks
        if check.permission is not None
    ]
    assert len(checks) == len(bundle.access.checks)
    profile = bundle.access.model_copy(update={"checks": checks})
    where = address(controlplane, shop)
    where |= {"users": {"responder-2": {"user": "responder-2", "groups": ["on-call"]}}}
    with closing(KubernetesTarget(where, 4.0)) as target:
        person, controls = identities_for(bundle.environment, target, "responder-2")

        def answers() -> set[str]:
            asked = run_profile(profile, person, controls, Asking(SteadyClock(), target))
            return {one.answer for one in asked if one.subject == "person"}

        eventually(lambda: answers() == {answer})  # a grant is known within milliseconds
