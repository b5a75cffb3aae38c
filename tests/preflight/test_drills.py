"""What preflight says of drills that could begin."""

from typing import cast

from drillmaster.engine.preflight.drills import Judged, rows
from drillmaster.engine.preflight.subject import Subject
from tests.support.guarded import bundle_of, environment


def test_what_may_take_a_fault_back_is_a_warning_beside_a_drill_that_could_begin() -> None:
    bundle = bundle_of(environment())
    rival = "scale: Flux keeps Deployment checkout as it is, and may undo the fault"
    judged = Judged(bundle, {}, 12, (), [rival])
    nobody = cast("Subject", None)  # it is asked where something is to be mended
    name = bundle.drill.name
    assert [(row.result, row.message) for row in rows(nobody, [judged])] == [
        ("ok", f"{name} could begin now: 12 safety rules hold"),
        ("warning", f"{name}: {rival}"),
    ]
