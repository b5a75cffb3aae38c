"""What is valid and yet will not do what its author hopes: warnings, which fail nothing."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta

from drillmaster.definitions.bundle import Bundle
from drillmaster.definitions.drill import Drill
from drillmaster.definitions.duration import ends_before_page
from drillmaster.definitions.errors import DefinitionError, Problem
from drillmaster.definitions.kinds import DRILL, RUNBOOK
from drillmaster.definitions.links import dead_links
from drillmaster.definitions.load import Loaded
from drillmaster.definitions.needs import unasked
from drillmaster.definitions.project import Project
from drillmaster.definitions.runbook import Runbook

UNASKED = "unchecked-action"
"""The rule by which a step needs what no access check asks for."""

FRESH = timedelta(days=180)
"""How long a review of a runbook is good: two quarters."""


def warnings(project: Project, today: date) -> list[Problem]:
    """The warnings for all files of a project that are valid."""
    found: list[Problem] = []
    for kind, path in project.files():
        try:
            if kind.name == RUNBOOK.name:
                found += _of_runbook(project.read(RUNBOOK, path), today)
                found += dead_links(path)
            elif kind.name == DRILL.name:
                found += _of_drill(project.bundle(path), project.read(DRILL, path))
        except DefinitionError:
            continue  # told as a problem
    return sorted(found)


def _of_runbook(runbook: Loaded[Runbook], today: date) -> Iterator[Problem]:
    model, document = runbook.model, runbook.document
    age = today - model.reviewed
    if age > FRESH:
        message = f"the last review was {age.days} days ago"
        hint = "read the runbook again, mend it, and set the day"
        yield document.problem(("reviewed",), message, hint, rule="stale-runbook")
    for index, step in enumerate(model.steps):
        if step.evidence is None and not step.optional:
            message = "nothing shows that this required step was done"
            hint = "give it `evidence`, or make it `optional`"
            yield document.problem(("steps", index), message, hint, rule="no-evidence")


def _of_drill(bundle: Bundle, drill: Loaded[Drill]) -> Iterator[Problem]:
    yield from _unmeasured(bundle, drill)
    for need in unasked(bundle):
        hint = f"add to {'it' if need.profile else 'an access profile'}: `{need.check}`"
        key = ("access",) if need.profile else ("runbook",)
        yield drill.document.problem(key, need.message, hint, rule=UNASKED, of_key=True)
    if (message := ends_before_page(bundle)) is not None:
        hint = "let it last longer, or the levels before wait less"
        at = ("limits", "duration")
        yield drill.document.problem(at, message, hint, rule="too-short", of_key=True)


def _unmeasured(bundle: Bundle, drill: Loaded[Drill]) -> Iterator[Problem]:
    for name in type(bundle.drill.targets).model_fields:
        if getattr(bundle.drill.targets, name) is None or name not in _NEEDS:
            continue
        is_there, needed = _NEEDS[name]
        if not is_there(bundle):
            message = "nothing measures this target"
            yield drill.document.problem(
                ("targets", name), message, needed, rule="nothing-to-measure", of_key=True
            )


def _fails_at_target(bundle: Bundle) -> bool:
    return any(fault.kind != "unreachable-primary" for fault in bundle.drill.faults)


def _is_detected(bundle: Bundle) -> bool:
    return _fails_at_target(bundle) and bundle.drill.escalation.page == "by-alert"


def _mitigates(bundle: Bundle) -> bool:
    return bundle.runbook is not None and any(step.mitigates for step in bundle.runbook.steps)


def _requires_steps(bundle: Bundle) -> bool:
    return bundle.runbook is not None and any(not step.optional for step in bundle.runbook.steps)


def _is_handed_over(bundle: Bundle) -> bool:
    return bundle.drill.escalation.engage == "hand-over"


_FAULT = (_fails_at_target, "it needs a fault at the target")

_NEEDS: dict[str, tuple[Callable[[Bundle], bool], str]] = {
    "first_mitigation": (_mitigates, "it needs a runbook with a step that says `mitigates: true`"),
    "runbook_adherence": (_requires_steps, "it needs a runbook with a step that is not optional"),
    "hand_over_time": (_is_handed_over, "it needs `engage: hand-over`"),
    "detection_time": (_is_detected, "it needs a fault at the target, and `page: by-alert`"),
    "recovery_time": _FAULT,
    "undo_time": _FAULT,
}
"""What must be there for a target to be measured. All others always are."""
