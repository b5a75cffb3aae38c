"""Ways in which a drill must not come out ready. Each takes a drill that would, and spoils it:
what people do, or what the staging is like."""

import math
from dataclasses import replace
from random import Random

from tests.support.timeline_definitions import BYSTANDER, PRIMARY, SECONDARY, changed
from tests.truth.draws import OTHER, SCALED, environment
from tests.truth.plans import Do, Person, Plan


def _me(plan: Plan) -> Person:
    return next(person for person in plan.people if person.who == SECONDARY)


def _join(plan: Plan, *people: Person) -> None:
    plan.people += people


def _steps(plan: Plan) -> list[Do]:
    return [deed for deed in _me(plan).does if deed.what == "act"]


def _to_the_primary_first(plan: Plan) -> None:
    """The primary does not answer, and after their time the secondary is paged."""
    plan.drill["escalation"]["engage"] = "timeout"
    plan.people = [person for person in plan.people if person.who != PRIMARY]


def _only(plan: Plan, *what: str) -> list[Do]:
    return [deed for deed in _me(plan).does if deed.what in what]


# The acknowledgement


def silent(random: Random, plan: Plan) -> None:
    """Nobody answers."""
    _me(plan).does = []


def wrong_person(random: Random, plan: Plan) -> None:
    """Somebody else takes the page and does everything."""
    me = _me(plan)
    if plan.drill["escalation"]["engage"] == "hand-over":
        me.does = [Do(20.0, "note")]
    else:
        _join(plan, Person(BYSTANDER, me.does, begins="alert"))
        me.does = []


def automation(random: Random, plan: Plan) -> None:
    """An automation acknowledges, and the secondary works."""
    _join(plan, Person(None, [Do(random.uniform(4.0, 8.0), "ack")], begins="alert"))
    _me(plan).does = _steps(plan)


def too_early(random: Random, plan: Plan) -> None:
    """The secondary acknowledges what they were not yet paged for."""
    _me(plan).begins = "alert"
    _me(plan).does = [Do(0.05, "ack"), *_steps(plan)]
    _to_the_primary_first(plan)


def late(random: Random, plan: Plan) -> None:
    """The ACK comes too late, by a little or by much."""
    beyond = 10.0 + random.choice([0.01, 0.1, 1.0, 8.0])
    _me(plan).does = [Do(beyond, "ack"), *_steps(plan)]


def taken_back(random: Random, plan: Plan) -> None:
    """The secondary goes to work, and takes the ACK back."""
    does = list(_me(plan).does)
    does.insert(random.randint(1, len(does)), Do(random.uniform(0.05, 0.5), "withdraw"))
    _me(plan).does = does


def taken_over(random: Random, plan: Plan) -> None:
    """The secondary takes the ACK back, and somebody else gives another."""
    taken_back(random, plan)
    _join(plan, Person(BYSTANDER, [Do(random.uniform(5.0, 9.0), "ack")], begins="alert"))


def hollow(random: Random, plan: Plan) -> None:
    """Nothing follows the ACK."""
    _me(plan).does = _only(plan, "ack")


def work_of_others(random: Random, plan: Plan) -> None:
    """The secondary acknowledges, and a bystander does the work."""
    first, *rest = _steps(plan)
    does = [replace(first, after=random.uniform(6.0, 9.0)), *rest]
    _join(plan, Person(BYSTANDER, does, begins="alert"))
    _me(plan).does = [*_only(plan, "ack"), Do(0.5, "note")]


def unpaged(random: Random, plan: Plan) -> None:
    """No page reaches the secondary, who looks by chance."""
    plan.undelivered = frozenset({SECONDARY})
    _me(plan).begins = "alert"
    _me(plan).does = [Do(6.0, "ack"), *_steps(plan)]


def deaf(random: Random, plan: Plan) -> None:
    """No page reaches the secondary."""
    plan.undelivered = frozenset({SECONDARY})


def primary_answers(random: Random, plan: Plan) -> None:
    """The primary, who is said to be unreachable, takes the page."""
    _to_the_primary_first(plan)
    if not any("unreachable-primary" in fault for fault in plan.drill["faults"]):
        plan.drill["faults"].append({"unreachable-primary": {"by": "briefed"}})
    _join(plan, Person(PRIMARY, [Do(random.uniform(0.1, 8.0), "ack")], begins="alert"))


# The work


def skipped(random: Random, plan: Plan) -> None:
    """A step is left out, where another way has left any."""
    if steps := _steps(plan):
        left_out = random.choice(steps)
        _me(plan).does = [deed for deed in _me(plan).does if deed is not left_out]


def substituted(random: Random, plan: Plan) -> None:
    """Something else is done in the place of a step, where another way has left any."""
    if steps := _steps(plan):
        old = random.choice(steps)
        new = replace(old, action="restart", parameters={})
        _me(plan).does = [new if deed is old else deed for deed in _me(plan).does]


def wrongly(random: Random, plan: Plan) -> None:
    """Scaled, but not as the runbook says."""
    _me(plan).does = [
        replace(deed, parameters={"replicas": 5}) if deed.action == "scale" else deed
        for deed in _me(plan).does
    ]


def disordered(random: Random, plan: Plan) -> None:
    """Two steps change places, far enough apart to be told."""
    (ack,), (look, lift, scale) = _only(plan, "ack"), _steps(plan)
    gap = 2 * plan.nature.precision + 1.0
    order = random.choice([(lift, look, scale), (look, scale, lift)])
    _me(plan).does = [ack, *(replace(deed, after=gap) for deed in order)]


def slow_step(random: Random, plan: Plan) -> None:
    """A step comes too late, by a little or by much."""
    (ack,), (look, *rest) = _only(plan, "ack"), _steps(plan)
    beyond = 15.0 + random.choice([0.01, 0.2, 4.0])
    _me(plan).does = [ack, replace(look, after=beyond), *rest]


def doubled(random: Random, plan: Plan) -> None:
    """A second person does the same: all of it, or one step that changes something."""
    steps = [replace(deed, after=2.0) for deed in _steps(plan)]
    others = random.choice([steps[1:2], steps[1:]])
    _me(plan).does = [Do(2.0, "ack"), *steps]
    does = [replace(deed, after=0.5 if number else 9.5) for number, deed in enumerate(others)]
    _to_the_primary_first(plan)
    _join(plan, Person(BYSTANDER, does, begins="alert"))


def only_told(random: Random, plan: Plan) -> None:
    """The steps are said to be done, and were not."""
    words = [Do(1.0, "say", step) for step in ("look", "lift", "scale")]
    _me(plan).does = [*_only(plan, "ack"), *words]


def heals(random: Random, plan: Plan) -> None:
    """The last step's state comes about by itself, before the secondary looks."""
    steps = [dict(step) for step in (plan.runbook or {})["steps"]]
    steps[2]["evidence"] = {"state": SCALED}
    plan.runbook = changed(plan.runbook or {}, steps=steps)
    plan.nature.heals = random.uniform(0.5, 3.5)
    _to_the_primary_first(plan)
    does = [deed for deed in _me(plan).does if deed.action != "scale"]
    _me(plan).does = [*does, Do(0.5, "note")]


def ahead_of_the_page(random: Random, plan: Plan) -> None:
    """The steps are done before the page, and not again."""
    _to_the_primary_first(plan)
    steps = [replace(deed, after=0.3) for deed in _steps(plan)]
    _me(plan).begins = "alert"
    _me(plan).does = [*steps, Do(8.0, "ack"), Do(0.5, "note")]


def unrecorded(random: Random, plan: Plan) -> None:
    """The target keeps no record of who did what."""
    plan.nature.recorded = False


def half_recorded(random: Random, plan: Plan) -> None:
    """The record does not say whether it was a dry run."""
    plan.nature.doubt = "it may have been a dry run"


# Access


def denied(random: Random, plan: Plan) -> None:
    """The secondary may do nothing."""
    plan.nature.denied = frozenset({SECONDARY})


def broken_controls(random: Random, plan: Plan) -> None:
    """Everybody is allowed everything, so that it proves nothing."""
    plan.nature.controls = False


# The machine side


def no_effect(random: Random, plan: Plan) -> None:
    """The page goes out, and no fault shows an effect."""
    plan.nature.effect = math.inf
    plan.drill["escalation"]["page"] = "immediately"


def fault_fails(random: Random, plan: Plan) -> None:
    """The fault cannot be injected."""
    plan.nature.fails = True
    plan.drill["escalation"]["page"] = "immediately"


def aborted(random: Random, plan: Plan) -> None:
    """The drill is ended for another reason at the last moment."""
    plan.ended = random.choice(["aborted", "interrupted"])


def never_steady(random: Random, plan: Plan) -> None:
    """Steady state does not come back."""
    plan.nature.recovery = math.inf


# A pool


def both(random: Random, plan: Plan) -> None:
    """Two members of a pool take the incident, or do its work."""
    plan.drill["escalation"]["pattern"] = "shared-pool"
    plan.environment = environment(two=True)
    steps = _steps(plan)
    if random.random() < 0.5:
        _join(plan, Person(OTHER, [Do(random.uniform(0.1, 2.0), "ack")]))
    else:
        _me(plan).does = [*_only(plan, "ack"), *steps[:2]]
        _join(plan, Person(OTHER, [replace(steps[2], after=9.0)]))


def unasked_member(random: Random, plan: Plan) -> None:
    """One of two secondaries may do nothing."""
    plan.environment = environment(two=True)
    plan.nature.denied = frozenset({OTHER})
