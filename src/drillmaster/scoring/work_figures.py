"""Figures of the work that followed: first mitigation, the runbook, and access."""

from collections.abc import Iterator

from drillmaster.definitions.runbook import Runbook
from drillmaster.definitions.units import count
from drillmaster.scoring.access import Access
from drillmaster.scoring.adherence import Followed
from drillmaster.scoring.case import Case, Fact
from drillmaster.scoring.causes import Situation
from drillmaster.scoring.evidence import grade_of
from drillmaster.scoring.findings import Findings
from drillmaster.scoring.reading import (
    BEST_FIRST,
    Reading,
    Span,
    apart,
    between,
    does_not_apply,
    first_of,
    judge,
    never_came,
    weakest,
)
from drillmaster.scoring.response_figures import NO_PART, not_escalated
from drillmaster.scoring.scorecard import StepOutcome, Verdict
from drillmaster.scoring.wording import allowed, listed, measured
from drillmaster.timeline.events import Escalated, FaultEffective, FaultUndone, StepEvidenced

Candidate = tuple[Verdict, Fact[StepEvidenced], Span]
"""The first evidence that a step mitigated, with what it makes of M3."""

_OUTCOMES: tuple[tuple[StepOutcome, str, Situation], ...] = (
    ("doubled", "done by two people", "doubled"),
    ("unsound", "with a choice that is not sound", "unsound"),
    ("substituted", "replaced by another action", "substituted"),
    ("skipped", "skipped", "skipped"),
    ("out-of-order", "out of order", "out-of-order"),
    ("late", "late", "late-step"),
    ("unverified", "not verified", "steps-unclear"),
)
"""How a step was not followed, the most telling first."""


def first_mitigation(findings: Findings, target: float | None) -> Reading:
    """M3: from the escalation to the secondary to the first step that eases the incident."""
    case, start, followed = findings.case, findings.response.escalation, findings.runbook
    if followed is None or case.runbook is None or not _mitigating(case.runbook):
        return does_not_apply("no step of a runbook is marked as one that mitigates")
    if start is None:
        return not_escalated(case)
    steps = _mitigating(case.runbook)
    candidates = list(_candidates(case, followed, steps, target))
    best = _mitigated(start.seq, candidates, target) if candidates else None
    hidden = _hidden(start.seq, followed, steps)
    if best is not None and (best.verdict != "missed" or hidden is None):
        return best
    if best is None and not case.answer_expected:
        return does_not_apply(NO_PART)
    return hidden or _not_mitigated(findings, start, target)


def _hidden(start: int, followed: Followed, steps: list[str]) -> Reading | None:
    """What is said where a step that eases the incident may have been done unseen."""
    if already := [step for step in steps if step in followed.already]:
        return _not_to_be_seen(start, followed, already)
    unseen = {step: why for step, why in followed.unseen.items() if step in steps}
    return _not_shown(start, followed, unseen) if unseen else None


def _not_mitigated(findings: Findings, start: Fact[Escalated], target: float | None) -> Reading:
    verdict = never_came(findings.case, start, target)
    within = f" within {allowed(target)}" if target and verdict == "missed" else ""
    return Reading(
        verdict=verdict,
        seen=f"the secondary did no step that eases the incident{within}",
        situation=_why_nothing(findings, "no-mitigation", verdict),
        events=(start.seq,),
    )


def _not_to_be_seen(start: int, followed: Followed, already: list[str]) -> Reading:
    """A step that may have been done, and done in time, is neither met nor missed."""
    baselines = [fact.seq for step in already for fact in followed.evidence_of(step).already]
    return Reading(
        verdict="unverified",
        seen="whether the secondary eased the incident in time cannot be seen: the evidence of "
        f"{listed(already)} was there already when the page was sent",
        situation="already-met",
        events=(start, *sorted(baselines)),
    )


def _not_shown(start: int, followed: Followed, unseen: dict[str, str]) -> Reading:
    """The same, where the record that is to show it cannot."""
    events = [fact.seq for step in unseen for fact in followed.evidence_of(step).unseen]
    return Reading(
        verdict="unverified",
        seen="whether the secondary eased the incident in time cannot be seen: "
        f"{'; '.join(dict.fromkeys(unseen.values()))}",
        situation="unseen",
        events=(start, *sorted(events)),
    )


def _candidates(
    case: Case, followed: Followed, steps: list[str], target: float | None
) -> Iterator[Candidate]:
    """What the secondary surely did, and what proves nobody's act: of each the first."""
    start = case.escalation
    found = [followed.evidence_of(step) for step in steps]
    ours = [fact for of in found for fact in of.ours]
    proved = [fact for fact in ours if _has_to_ease(case, fact)]
    doubtful = [fact for of in found for fact in of.unproved]
    doubtful += [fact for fact in ours if fact not in proved]
    for facts in (proved, doubtful):
        since = [fact for fact in facts if start and between(start, fact) is not None]
        if start is None or not since:
            continue
        span = apart(start, first_of(since))
        if span is None:
            continue
        verdict = judge(span.low, span.high, target)
        if verdict == "met" and facts is doubtful:
            verdict = "unverified"
        yield verdict, min(since, key=lambda fact: (fact.at, fact.seq)), span


def _has_to_ease(case: Case, fact: Fact[StepEvidenced]) -> bool:
    """Whether the effect of a fault was surely there by then, and a fault still in force:
    before that, and once all are gone, nothing is eased. Without any effect the run proves
    nothing, and says so elsewhere."""
    effects = case.of(FaultEffective)
    if not effects:
        return True
    span = apart(first_of(effects), fact)
    in_force = any(_outlasts(case, effect.event.fault, fact) for effect in effects)
    return span is not None and span.ordered and in_force


def _outlasts(case: Case, fault: str, fact: Fact[StepEvidenced]) -> bool:
    """Whether a fault was surely not gone before a step was done. What a responder ended may
    have ended by this very step."""
    ends = [end for end in case.of(FaultUndone) if end.event.fault == fault]
    return all(end.event.by == "responder" or end.earliest >= fact.earliest for end in ends)


def _mitigating(runbook: Runbook) -> list[str]:
    return [step.id for step in runbook.steps if step.mitigates]


def _mitigated(start: int, candidates: list[Candidate], target: float | None) -> Reading:
    verdict, fact, span = min(candidates, key=lambda one: BEST_FIRST.index(one[0]))
    situation: Situation = "slow-mitigation"
    if verdict == "unverified":
        in_doubt = judge(span.low, span.high, target) == "unverified"
        situation = "straddles" if in_doubt else "steps-unclear"
    return Reading(
        value=span.value,
        bound=span.bound,
        verdict=verdict,
        seen="the first step that eases the incident was done "
        f"{measured(span.value, span.bound)} after the escalation",
        situation=situation,
        events=(start, fact.seq),
        evidence=grade_of(fact),
    )


def runbook_adherence(findings: Findings, target: float | None) -> Reading:
    """Required steps followed once, in order and in time ÷ required steps."""
    followed = findings.runbook
    if followed is None or not followed.required:
        return does_not_apply("there is no runbook with a required step")
    if findings.response.escalation is None:
        return not_escalated(findings.case)
    required, done = followed.required, followed.outcomes("followed")
    unclear = followed.outcomes("unverified")
    if not findings.case.answer_expected and len(unclear) == len(required):
        return does_not_apply(NO_PART)
    low, high = len(done) / len(required), (len(done) + len(unclear)) / len(required)
    verdict = judge(low, high, target, floor=True)
    return Reading(
        value=None if len(unclear) == len(required) else round(low, 6),
        bound=None if unclear else 0.0,
        verdict=verdict,
        seen=_steps_seen(followed, len(done)),
        situation=_why_steps(findings, followed, verdict),
        events=tuple(sorted({seq for row in required for seq in row.events})),
        evidence=weakest([row.grade for row in done if row.grade is not None]),
    )


def _steps_seen(followed: Followed, done: int) -> str:
    told = {*followed.already, *followed.unseen}
    unfollowed = {
        words: [row.step for row in followed.outcomes(outcome) if row.step not in told]
        for outcome, words, _ in _OUTCOMES
    }
    tried = [step for step in unfollowed["skipped"] if step in followed.blocked]
    unfollowed["skipped"] = [step for step in unfollowed["skipped"] if step not in tried]
    unfollowed["tried, and refused"] = tried
    unfollowed["there already when the page was sent"] = [
        row.step for row in followed.required if row.step in followed.already
    ]
    for row in followed.required:
        if row.step in followed.unseen and row.step not in followed.already:
            why = f"not to be seen, because {followed.unseen[row.step]}"
            unfollowed.setdefault(why, []).append(row.step)
    parts = [f"{words}: {', '.join(steps)}" for words, steps in unfollowed.items() if steps]
    seen = f"{done} of {count(len(followed.required), 'step')} followed once, in order and in time"
    return f"{seen} ({'; '.join(parts)})" if parts else seen


def _why_steps(findings: Findings, followed: Followed, verdict: Verdict) -> Situation:
    if verdict == "unverified" and any(row.step in followed.already for row in followed.required):
        return "already-met"
    if verdict == "unverified" and any(row.step in followed.unseen for row in followed.required):
        return "unseen"
    for outcome, _, situation in _OUTCOMES:
        if followed.outcomes(outcome):
            if outcome == "skipped":
                return _why_nothing(
                    findings, "wrong-hands" if followed.wrong_hands else "skipped", verdict
                )
            if outcome != "unverified" or not findings.case.early:
                return situation
    return "ended-early"


def _why_nothing(findings: Findings, otherwise: Situation, verdict: Verdict) -> Situation:
    """Why something was not done, the most certain reason first."""
    if verdict == "unverified":
        return "ended-early" if findings.case.early else "steps-unclear"
    if findings.access.failures:
        return "denied"
    if otherwise != "wrong-hands" and not findings.response.starts:
        return "not-engaged"
    return otherwise


def access_failures(findings: Findings, target: float | None) -> Reading:
    """M7: access checks denied to the secondary, and actions that the target denied."""
    access = findings.access
    if not (access.checks or access.denials or findings.case.access):
        return does_not_apply("the drill names no access profile")
    failures = access.failures
    # Denials that were seen are certain; what could not be asked may hide more of them.
    verdict = judge(failures, failures + len(access.unclear), target)
    return Reading(
        value=float(failures) if failures or access.answered else None,
        bound=None if access.unclear else 0.0,
        verdict=verdict,
        seen=_access_seen(access),
        situation="denied" if failures else _why_no_answer(findings),
        events=access.events,
        evidence=access.grade,
    )


def _why_no_answer(findings: Findings) -> Situation:
    """Why no check was answered: a drill that was ended before any was asked says nothing of
    the system."""
    never_asked = not findings.access.checks
    return "ended-early" if findings.case.early and never_asked else "access-unclear"


def _access_seen(access: Access) -> str:
    parts = []
    checks = list(dict.fromkeys(fact.event.check for fact in access.refused))
    if checks:
        parts.append(f"was denied {count(len(checks), 'access check')} ({', '.join(checks)})")
    actions = list(dict.fromkeys(fact.event.action for fact in access.denials))
    if actions:
        parts.append(f"was not allowed to do what they tried ({', '.join(actions)})")
    if access.unclear:
        unclear = count(len(access.unclear), "access check")
        parts.append(f"got no clear answer to {unclear} ({', '.join(access.unclear)})")
    if not parts:
        parts.append(f"passed {count(len(access.checks), 'access check')}")
    return f"the secondary {listed(parts)}"
