"""Bringing up what a run needs around it: its target and its simulated responders."""

from collections.abc import Mapping
from contextlib import ExitStack

from drillmaster.clock import Anchor
from drillmaster.definitions.bundle import Bundle
from drillmaster.definitions.environment import Channel, Environment, Person, WebhookChannel
from drillmaster.engine.planning.faults import target_faults
from drillmaster.errors import InvalidError
from drillmaster.sandbox.launch import launch
from drillmaster.sandbox.responders import Login, Part, Settings, start
from drillmaster.sandbox.settings import settings_for
from drillmaster.targets.base import Address, Target
from drillmaster.targets.cluster import address_of


def bring_up(environment: Environment, run: str, anchor: Anchor) -> Address:
    """The target of one run: the embedded sandbox is started anew, a cluster is there."""
    spec = environment.target
    if spec.kind == "sandbox":
        return launch(settings_for(environment, run, anchor))
    return address_of(spec, environment.people)


def start_responders(bundle: Bundle, target: Target, stack: ExitStack) -> dict[str, list[Channel]]:
    """Start the simulated responders, if the environment has any, until the stack ends.

    Returns:
        The channel over which each of them is paged.
    """
    people = bundle.environment.people
    tokens = {who: target.identity(who).token or "" for who in people}
    parts = {
        who: Part(behaviour=person.simulate, token=tokens[who])
        for who, person in people.items()
        if person.simulate is not None
    }
    if not parts:
        return {}
    if bundle.environment.target.kind != "sandbox":
        _require_logins(bundle, list(parts))
    faults = target_faults(bundle.drill)
    namespaces = [getattr(fault.body, "namespace", None) for fault in faults]
    responders = stack.enter_context(
        start(
            Settings(
                people=parts,
                tokens={who: token for who, token in tokens.items() if who not in parts},
                logins=_logins(people),
                runbook=bundle.runbook,
                admin=target.address.get("admin"),
                namespace=next(filter(None, namespaces), ""),
                workload=bundle.drill.service,
            )
        )
    )
    return {who: [Channel(webhook=WebhookChannel(url=responders.url_for(who)))] for who in parts}


def _require_logins(bundle: Bundle, simulated: list[str]) -> None:
    """Whoever is to act must have a log-in: doing nothing would look like skipped steps.

    Raises:
        InvalidError: somebody has none.
    """
    audited = bundle.runbook is not None and any(
        step.evidence is not None and step.evidence.audit is not None
        for step in bundle.runbook.steps
    )
    for who in simulated if audited else ():
        person = bundle.environment.people[who]
        assert person.simulate is not None
        acts = person.simulate.then == "engage" and person.simulate.runbook.follow == "all"
        asked = person.simulate.acknowledge != "never"
        if acts and asked and person.credentials.kubeconfig is None:
            raise InvalidError(
                f"{who} is simulated and has no kubeconfig in their credentials, so that they "
                "could do no step of the runbook"
            )


def _logins(people: Mapping[str, Person]) -> dict[str, Login]:
    """Who has a log-in of their own to a cluster."""
    given = {who: person.credentials for who, person in people.items()}
    return {
        who: Login(kubeconfig=one.kubeconfig, context=one.context)
        for who, one in given.items()
        if one.kubeconfig is not None and one.context is not None
    }
