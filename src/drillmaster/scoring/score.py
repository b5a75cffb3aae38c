"""A scorecard from a timeline, and from nothing else."""

from collections.abc import Sequence

from drillmaster.definitions.rung import played_roles
from drillmaster.scoring.aftermath import settled
from drillmaster.scoring.case import Case
from drillmaster.scoring.changes import compare
from drillmaster.scoring.failure_modes import exposed
from drillmaster.scoring.findings import find
from drillmaster.scoring.gates import readiness
from drillmaster.scoring.metrics import RESPONSE, measure
from drillmaster.scoring.scorecard import Scorecard
from drillmaster.scoring.sentence import sentence
from drillmaster.scoring.trend import trend
from drillmaster.timeline.chain import Recorded


def score(records: Sequence[Recorded]) -> Scorecard:
    """The scorecard of a run. The same timeline always gives the same scorecard.

    It takes any timeline that begins with the start of a run, also one that goes on or was
    never sealed; such a run is not settled, and so never ready. That the events are bound
    to each other is for `timeline.chain.verify` to say.

    Raises:
        InvalidError: the timeline does not begin with the start of a run, or holds
            definitions that this version cannot read.
    """
    case = Case(records)
    findings = find(case, RESPONSE.target(case))
    metrics = measure(findings)
    ready, reasons = readiness(findings, metrics)
    points, costs = trend(case, metrics)
    modes = exposed(findings, metrics)
    return Scorecard(
        schema_="drillmaster/scorecard/v1",
        run=case.run.run,
        drill=case.run.drill,
        title=case.drill.title,
        environment=case.run.environment,
        readiness=ready,
        simulated=case.run.simulated,
        played=played_roles(case.drill, case.environment) if case.run.simulated else [],
        sentence=sentence(findings, metrics, ready, reasons, modes),
        started_at=case.run.occurred_at,
        ended=case.ended,
        trend=points,
        costs=costs,
        metrics=metrics,
        access=findings.access.rows(),
        runbook=findings.runbook.result if findings.runbook else None,
        acknowledgement=findings.response.row(),
        failure_modes=modes,
        changes=compare(case, metrics),
        settled=settled(case),
        chain=case.chain,
    )
