"""Does this program end as it should? An executable and its arguments, never a shell."""

import os
import re
from pathlib import PurePath

from drillmaster.definitions.probes import CommandProbe
from drillmaster.definitions.secrets import resolve_secret
from drillmaster.definitions.units import format_duration
from drillmaster.errors import DrillmasterError
from drillmaster.probes.base import Answer, Asking, Outcome
from drillmaster.probes.moment import Moment
from drillmaster.probes.programs import Ended, run
from drillmaster.probes.redact import message
from drillmaster.process import MARK
from drillmaster.targets.base import Identity

TOKEN_VARIABLE = "DRILLMASTER_TOKEN"  # noqa: S105 - the variable's name, not a token
"""In which variable the program finds the person's token."""

_INHERITED = ("PATH", "HOME", "LANG", MARK)
_PERSON = re.compile(r"\{\{\s*person\s*\}\}")


def ask(probe: CommandProbe, asking: Asking) -> Answer:
    """Run a program. The value is its exit code; None where it has none.

    Asked as a person, an exit code is allowed, denied, or says nothing; otherwise it is
    yes or no. A program that does not end in time is taken for one that waits in vain.
    """
    moment = Moment(asking.clock)
    try:
        arguments = _arguments(probe, asking.identity)
        variables, secrets = _environment(probe, asking.identity)
        ended = run(arguments, variables, probe.timeout)
    except DrillmasterError as error:  # a secret that is not there, or no person to name
        return moment.answer("unclear", None, str(error))
    except (OSError, ValueError) as error:
        why = (error.strerror if isinstance(error, OSError) else None) or "it cannot be passed on"
        return moment.answer("unclear", None, f"{probe.run[0]} does not start: {why}")
    program = PurePath(probe.run[0]).name  # not its arguments: one may be a secret
    if ended.code is None:
        why = f"did not end within {format_duration(probe.timeout)}"
        return moment.answer("unreachable", None, f"{program} {why}")
    outcome = _judge(probe, ended.code, asking.identity)
    return moment.answer(outcome, ended.code, f"{program} {_end(ended, secrets)}")


def _arguments(probe: CommandProbe, identity: Identity | None) -> list[str]:
    executable, *arguments = probe.run
    if identity is None:
        if any(map(_PERSON.search, arguments)):
            raise DrillmasterError("the arguments name a person, but this is asked as nobody")
        return probe.run
    return [executable, *(_PERSON.sub(identity.id, argument) for argument in arguments)]


def _environment(
    probe: CommandProbe, identity: Identity | None
) -> tuple[dict[str, str], list[str]]:
    """The program's variables, and which of their values are secrets."""
    secret = {name: resolve_secret(ref) for name, ref in probe.environment.items()}
    if identity is not None and identity.token is not None:
        secret[TOKEN_VARIABLE] = identity.token
    plain = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    return plain | secret, list(secret.values())


def _judge(probe: CommandProbe, code: int, identity: Identity | None) -> Outcome:
    if code in probe.exit_codes:
        return "yes"
    if identity is None:
        return "no"
    return "denied" if code in probe.denied_exit_codes else "unclear"


def _end(ended: Ended, secrets: list[str]) -> str:
    end = f"ended with {ended.code}"
    if ended.code is not None and ended.code < 0:
        end = f"was ended by signal {-ended.code}"
    said = message(ended.output, secrets)
    return f"{end}: {said}" if said else end
