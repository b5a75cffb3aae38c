"""Bringing up what a run needs around it: its target and its simulated responders."""

from collections.abc import Mapping
from contextlib import ExitStack

from drillmaster.clock import Anchor
from drillmaster.definitions.bundle import Bundle
from drillmaster.definitions.environment import Channel, Environment, Person, WebhookChannel
from drillmaster.engine.planning.faults import target_faults
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


def _logins(people: Mapping[str, Person]) -> dict[str, Login]:
    """Who has a log-in of their own to a cluster."""
    given = {who: person.credentials for who, person in people.items()}
    return {
        who: Login(kubeconfig=one.kubeconfig, context=one.context)
        for who, one in given.items()
        if one.kubeconfig is not None and one.context is not None
    }
