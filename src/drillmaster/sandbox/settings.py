"""The sandbox that an environment describes.

Apart from `given`, because the host reads that and starts the faster the less it
imports: definitions take longer to load than the rest of it.
"""

from collections.abc import Sequence

from drillmaster.clock import Anchor
from drillmaster.definitions.environment import Environment
from drillmaster.definitions.targets import SandboxSpec
from drillmaster.sandbox.given import ACTIONS, Settings, issue


def settings_for(environment: Environment, run: str, anchor: Anchor) -> Settings:
    """The sandbox that an environment describes.

    Somebody who is not listed under `grants` may do everything if they are primary or
    secondary, and nothing otherwise. A simulated responder whose access is denied may
    do nothing at all.
    """
    spec = environment.target
    assert isinstance(spec, SandboxSpec)
    grants: dict[str, Sequence[str]] = {}
    for who, person in environment.people.items():
        on_call = {"primary", "secondary"} & set(person.roles)
        grants[who] = spec.grants.get(who, ACTIONS if on_call else ())
        if person.simulate and person.simulate.access == "denied":
            grants[who] = ()
    return issue(run, anchor, grants, spec.replicas, spec.restart, environment=environment.name)
