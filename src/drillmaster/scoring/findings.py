"""All that was found out about a run; each figure reads what it needs from here."""

from dataclasses import dataclass

from drillmaster.scoring.access import Access, examine
from drillmaster.scoring.acknowledgement import Response, respond
from drillmaster.scoring.adherence import Followed, follow
from drillmaster.scoring.case import Case


@dataclass(frozen=True, slots=True)
class Findings:
    """The timeline, read once."""

    case: Case
    response: Response
    runbook: Followed | None
    access: Access


def find(case: Case, response_target: float | None) -> Findings:
    """Read the timeline; `response_target` is M1's, in seconds."""
    response = respond(case, response_target)
    return Findings(case, response, follow(case, response), examine(case, response))
