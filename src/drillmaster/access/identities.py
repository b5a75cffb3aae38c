"""The two identities that an access check is measured against, and what they must say."""

from dataclasses import dataclass

from drillmaster.definitions.environment import Credentials, Environment
from drillmaster.definitions.secrets import resolve_secret
from drillmaster.targets.base import Identity, Target


@dataclass(frozen=True, slots=True)
class Controls:
    """Whose answers show that a check tells allowed from denied."""

    allowed: Identity
    """The positive control: it must be allowed everything that is checked."""
    denied: Identity
    """The negative control: a nobody, who must be denied."""


def identities_for(
    environment: Environment, target: Target, person: str
) -> tuple[Identity, Controls]:
    """The person and the controls, with their credentials.

    What the environment names by reference counts; what it leaves out is what the target
    itself issued, if it did (the sandbox does).

    Raises:
        InvalidError: a reference leads nowhere.
        UnreachableError: the target does not answer.
    """
    known = environment.people.get(person)
    mine = _merged(known.credentials if known else Credentials(), target.identity(person))
    allowed = _merged(environment.controls.allowed, target.identity("positive-control"))
    denied = _merged(environment.controls.denied, target.identity("negative-control"))
    return mine, Controls(allowed, denied)


def _merged(given: Credentials, issued: Identity) -> Identity:
    return Identity(
        id=issued.id,
        token=resolve_secret(given.token) if given.token else issued.token,
        sql_user=given.sql_user or issued.sql_user,
        sql_password=(
            resolve_secret(given.sql_password) if given.sql_password else issued.sql_password
        ),
        kubeconfig=given.kubeconfig,
        context=given.context,
    )
