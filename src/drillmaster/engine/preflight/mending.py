"""What to paste so that a rule of the guard holds again."""

import re
import shlex
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from drillmaster.definitions.bundle import Bundle
from drillmaster.definitions.kinds import DRILL, ENVIRONMENT
from drillmaster.definitions.positions import Keys
from drillmaster.definitions.windows import format_days
from drillmaster.engine.planning.guard.consent import lacking
from drillmaster.engine.planning.limits import duration_limit
from drillmaster.engine.planning.people import paged_people
from drillmaster.engine.planning.steady import Asked
from drillmaster.engine.preflight.subject import Subject

_COMMAND = re.compile(r"`((?:drillmaster|kubectl|read|chmod|install) [^`]+)`")
"""A message of the guard has the command that mends it, where there is one."""

_INCIDENT = re.compile(r"a real incident is open: (\S+):")

_WEEK = timedelta(days=7)

Mend = tuple[str, str | None]
"""What to paste, and the file and key under which it belongs where it is no command."""


def mend_of(
    rule: str, message: str, bundle: Bundle, subject: Subject, steady: Sequence[Asked]
) -> Mend:
    """The line for a rule that refuses; where there is none, the command that opens the
    file at what it is about."""
    if command := _COMMAND.search(message):
        return command[1], None
    if incident := _INCIDENT.search(message):
        return f"drillmaster incident resolve {incident[1]}", None
    if rule == "windows":
        return _window(bundle, subject.clock.now()), subject.under("windows")
    if rule == "consent":
        return _consent(bundle, subject)
    if rule == "steady-state":
        return _asking_again(bundle, subject, steady), None
    return _opening(rule, message, bundle, subject), None


def _opening(rule: str, message: str, bundle: Bundle, subject: Subject) -> str:
    """The command that opens the file at what a rule is about."""
    if rule == "not-production":
        return _production(message, bundle, subject)
    if rule in ("drillable", "disposable", "target-not-production"):
        return subject.editing_target()
    return subject.editing(DRILL, _file(bundle), *_keys(rule, message, bundle))


def _file(bundle: Bundle) -> Path:
    return bundle.root / f"{bundle.drill.name}{DRILL.suffix}"


def _keys(rule: str, message: str, bundle: Bundle) -> Keys:
    """What of the drill a rule is about: the fault that it names, or the conditions."""
    if rule == "no-abort-condition":
        return ("abort_when",)
    names = [f"{fault.id} " for fault in bundle.drill.faults]
    named = [index for index, name in enumerate(names) if message.startswith(name)]
    return ("faults", named[0]) if named else ()


def _production(message: str, bundle: Bundle, subject: Subject) -> str:
    """The command that opens the file with what looks like production, and where it stands."""
    for kind, path in ((ENVIRONMENT, subject.path), (DRILL, _file(bundle))):
        document = subject.project.read(kind, path).document
        for keys in document.values:
            if message.startswith(f"{document.value(keys)!r} "):
                return subject.editing(kind, path, *keys)
    return subject.editing(ENVIRONMENT, subject.path)


def _window(bundle: Bundle, now: datetime) -> str:
    """A window that is open from now for as long as the drill may last, and an hour more. Its
    days are those of a zone that it names, so that it is the same for everyone."""
    paged = paged_people(bundle.drill, bundle.environment)
    zones = [bundle.environment.people[who].time_zone for who in paged]
    zones += [window.time_zone for window in bundle.environment.windows if window.time_zone]
    lasts = duration_limit(bundle.drill, bundle.environment) + 3600.0
    first = now.astimezone(ZoneInfo(zones[0])).date()
    last = (now + min(timedelta(seconds=lasts), _WEEK)).astimezone(ZoneInfo(zones[0])).date()
    days = {(first + timedelta(days=n)).weekday() for n in range((last - first).days + 1)}
    told = format_days(tuple(sorted(days)))
    return f'- {{days: "{told}", from: "00:00", to: "24:00", time_zone: {zones[0]}}}'


def _consent(bundle: Bundle, subject: Subject) -> Mend:
    """The line, and under whom; the command that opens the file at the key of whoever has one,
    because the same key twice would be an error, and theirs must be changed."""
    _, people = lacking(bundle.drill, bundle.environment)
    document = subject.project.read(ENVIRONMENT, subject.path).document
    for who in people:
        keys = ("people", who, "consent")
        if keys in document.values:
            return subject.editing(ENVIRONMENT, subject.path, *keys), None
    return "consent: true", subject.under_each([("people", who) for who in people])


def _asking_again(bundle: Bundle, subject: Subject, steady: Sequence[Asked]) -> str:
    """The command that asks the first question which is not met, where a command can."""
    unmet = {one.name for one in steady if not one.answer.met}
    questions = bundle.drill.steady_state
    for question in questions:
        of_sandbox = bundle.environment.target.kind == "sandbox"  # it is gone by then
        if question.name in unmet and question.http is not None and not of_sandbox:
            return f"curl -i {shlex.quote(question.http.url)}"
        if question.name in unmet and question.command is not None:
            return shlex.join(question.command.run)
    first = next((at for at, question in enumerate(questions) if question.name in unmet), 0)
    return subject.editing(DRILL, _file(bundle), "steady_state", first)
