"""Asking all checks of an access profile, as a person and as two controls."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Literal

from drillmaster.access import verdict
from drillmaster.access.credentials import lacking
from drillmaster.access.identities import Controls
from drillmaster.definitions.access import AccessCheck, AccessProfile
from drillmaster.probes.base import Answer, Ask, Asking
from drillmaster.probes.moment import Moment
from drillmaster.probes.registry import ask as ask_any
from drillmaster.targets.base import Identity
from drillmaster.timeline.events import AccessChecked

AT_ONCE = 8
"""Questions asked at the same time: a check must not be a load test."""


_Subject = Literal["person", "positive-control", "negative-control"]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A check and its answers under way."""

    check: AccessCheck
    person: Future[Answer]
    positive: Future[Answer]
    negative: Future[Answer] | None


def run_profile(
    profile: AccessProfile,
    person: Identity,
    controls: Controls,
    asking_base: Asking,
    ask: Ask = ask_any,
) -> Iterator[AccessChecked]:
    """Ask every check, and tell what each identity was told, check by check.

    Each check gives an event for the positive control, one for the negative control
    (none where the check is public) and one for the person, in this order. It takes at
    most the time-outs of all questions, divided by the number that is asked at once.
    """
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="access") as pool:

        def put(check: AccessCheck, identity: Identity, needed: bool = True) -> Future[Answer]:
            asking = replace(asking_base, identity=identity)
            return pool.submit(_ask_as, check, asking, needed, ask)

        try:
            every = [
                _Asked(
                    check,
                    person=put(check, person),
                    positive=put(check, controls.allowed),
                    negative=None if check.public else put(check, controls.denied, needed=False),
                )
                for check in profile.checks
            ]
            for asked in every:
                yield from _events(asked, person.id, asking_base)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _ask_as(check: AccessCheck, asking: Asking, needed: bool, ask: Ask) -> Answer:
    """One identity's answer; a nobody needs no credential to be turned away."""
    assert asking.identity is not None
    missing = lacking(check, asking.identity) if needed else None
    if missing is not None:
        return Moment(asking.clock).answer("unclear", None, missing)
    return ask(check.body, asking)


def _events(asked: _Asked, person: str, asking: Asking) -> Iterator[AccessChecked]:
    seen, positive = asked.person.result(), asked.positive.result()
    negative = asked.negative.result() if asked.negative is not None else None

    def event(subject: _Subject, answer: Answer, said: verdict.Verdict) -> AccessChecked:
        return AccessChecked(
            occurred_at=answer.at,
            observed_at=asking.clock.now(),
            source="access",
            precision=answer.precision,
            check=asked.check.name,
            person=person,
            subject=subject,
            answer=said.answer,
            grade=said.grade,
            detail=said.detail,
            **({} if said.mend is None else {"mend": said.mend}),
        )

    yield event("positive-control", positive, replace(verdict.of_control(positive), mend=None))
    if negative is not None:
        yield event("negative-control", negative, replace(verdict.of_control(negative), mend=None))
    yield event("person", seen, verdict.of_person(seen, positive, negative))
