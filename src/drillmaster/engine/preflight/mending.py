"""What to paste so that a rule of the guard holds again."""

import re
import shlex
from collections.abc import Sequence

from drillmaster.definitions.bundle import Bundle
from drillmaster.definitions.files import shown_path
from drillmaster.definitions.kinds import DRILL
from drillmaster.definitions.windows import DAYS
from drillmaster.engine.planning.people import paged_people
from drillmaster.engine.planning.steady import Asked
from drillmaster.engine.preflight.subject import Subject, editing

_COMMAND = re.compile(r"`(drillmaster [^`]+)`")
_INCIDENT = re.compile(r"a real incident is open: (\S+):")

Mend = tuple[str, str | None]
"""What to paste, and the file and key under which it belongs where it is no command."""


def mend_of(
    rule: str, message: str, bundle: Bundle, subject: Subject, steady: Sequence[Asked]
) -> Mend:
    """The line for a rule that refuses; where there is none, the command that opens the
    drill's file."""
    if command := _COMMAND.search(message):
        return command[1], None
    if incident := _INCIDENT.search(message):
        return f"drillmaster incident resolve {incident[1]}", None
    if rule == "windows":
        today = DAYS[subject.clock.now().weekday()]
        line = f'- {{days: {today}, from: "00:00", to: "24:00"}}'
        return line, subject.under("windows")
    if rule == "consent":
        return "consent: true", subject.under("people", _without_consent(bundle))
    if rule == "steady-state":
        return _asking_again(bundle, steady), None
    in_environment = rule in ("not-production", "drillable", "disposable")
    file = subject.file if in_environment else _file(bundle)
    return editing(file), None


def _file(bundle: Bundle) -> str:
    return shown_path(bundle.root / f"{bundle.drill.name}{DRILL.suffix}")


def _without_consent(bundle: Bundle) -> str:
    people = bundle.environment.people
    paged = paged_people(bundle.drill, bundle.environment)
    return next((who for who in paged if people[who].consent is not True), "NAME")


def _asking_again(bundle: Bundle, steady: Sequence[Asked]) -> str:
    """The command that asks the first question which is not met, where a command can."""
    unmet = {one.name for one in steady if not one.answer.met}
    for question in bundle.drill.steady_state:
        of_sandbox = bundle.environment.target.kind == "sandbox"  # it is gone by then
        if question.name in unmet and question.http is not None and not of_sandbox:
            return f"curl -i {shlex.quote(question.http.url)}"
        if question.name in unmet and question.command is not None:
            return shlex.join(question.command.run)
    return editing(_file(bundle))
