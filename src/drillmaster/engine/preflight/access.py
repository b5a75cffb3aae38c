"""Would the secondary be let in? The access checks are asked as a drill asks them."""

from collections.abc import Iterator, Sequence

from drillmaster.access.checks import run_profile
from drillmaster.access.identities import identities_for
from drillmaster.clock import Clock
from drillmaster.definitions.access import AccessCheck, AccessProfile
from drillmaster.definitions.bundle import Bundle
from drillmaster.definitions.kinds import ACCESS, ENVIRONMENT
from drillmaster.engine.preflight.row import Row, ok, problem, unknown
from drillmaster.engine.preflight.subject import Subject
from drillmaster.errors import InvalidError
from drillmaster.probes.base import Asking
from drillmaster.targets.base import Target
from drillmaster.timeline.events import AccessChecked

CHECK = "access"


def rows(subject: Subject, bundle: Bundle, target: Target, clock: Clock) -> Iterator[Row]:
    """Ask a drill's profile as each secondary. A check that might change something (an HTTP
    request that is no GET) is left to the drill."""
    assert bundle.access is not None
    profile = bundle.access
    looks = [check for check in profile.checks if _only_looks(check)]
    left = [check.name for check in profile.checks if check not in looks]
    for who in bundle.environment.holders("secondary"):
        asked = profile.model_copy(update={"checks": looks})
        try:
            answers = _ask(asked, bundle, target, clock, who)
        except InvalidError as error:  # of a secret, whose own row says how to mend it
            yield unknown(CHECK, f"{profile.name} is not asked as {who}: {error}")
            continue
        bad = [one for one in answers if one.answer != "allowed"]
        for alike in _alike(bad):
            yield _bad(subject, bundle, alike)
        if not bad:
            more = f"; the drill alone asks: {', '.join(left)}" if left else ""
            passed = f"{len(answers)} of {len(answers)} checks of {profile.name}"
            yield ok(CHECK, f"{who} is allowed {passed}, and both controls work{more}")


def _only_looks(check: AccessCheck) -> bool:
    return check.http is None or check.http.method in ("GET", "HEAD")


def _ask(
    profile: AccessProfile, bundle: Bundle, target: Target, clock: Clock, who: str
) -> Sequence[AccessChecked]:
    person, controls = identities_for(bundle.environment, target, who)
    events = run_profile(profile, person, controls, Asking(clock, target)) if profile.checks else ()
    return [event for event in events if event.subject == "person"]


def _alike(bad: Sequence[AccessChecked]) -> list[list[AccessChecked]]:
    """Checks without an answer for one and the same reason belong together: it is said once."""
    groups: dict[object, list[AccessChecked]] = {}
    for one in bad:
        key = one.detail if one.answer == "unverified" else one.check
        groups.setdefault((one.answer, key), []).append(one)
    return list(groups.values())


def _bad(subject: Subject, bundle: Bundle, alike: Sequence[AccessChecked]) -> Row:
    assert bundle.access is not None
    one = alike[0]
    path = bundle.root / ACCESS.folder / f"{bundle.access.name}{ACCESS.suffix}"
    names = [check.name for check in bundle.access.checks]
    look = subject.editing(ACCESS, path, "checks", names.index(one.check))
    asked = ", ".join(check.check for check in alike)
    told = f"{one.person}, {asked}: {one.answer}: {one.detail}"
    if one.answer == "unverified":
        return unknown(CHECK, told, look)
    spec, check = bundle.environment.target, bundle.access.checks[names.index(one.check)]
    if one.answer == "denied" and spec.kind == "sandbox" and one.person in spec.grants:
        place = ("target", "grants", one.person)
        if check.permission is not None:
            return problem(CHECK, told, f"- {check.permission.can}", subject.under(*place))
        return problem(CHECK, told, subject.editing(ENVIRONMENT, subject.path, *place))
    return problem(CHECK, told, one.mend or look)
