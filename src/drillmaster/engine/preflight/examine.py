"""All of preflight: what is looked at, in which order, and for how long at the most."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from drillmaster.definitions.bundle import Bundle
from drillmaster.engine.preflight import (
    access,
    channels,
    drills,
    people,
    record,
    reports,
    runbooks,
    secrets,
)
from drillmaster.engine.preflight.definitions import CHECK as DEFINITIONS
from drillmaster.engine.preflight.definitions import Definitions
from drillmaster.engine.preflight.row import Row, problem, unknown
from drillmaster.engine.preflight.store import StoreLook
from drillmaster.engine.preflight.subject import Subject, editing
from drillmaster.engine.preflight.target import TargetLook
from drillmaster.errors import DrillmasterError
from drillmaster.probes.bounded import OvertimeError, bounded

WHOLE = 180.0
"""Seconds that all of it may take."""

_STEP = 45.0  # seconds for one look, but never beyond the whole


@dataclass(frozen=True, slots=True)
class Look:
    """One look: what it is called while it lasts, and its rows."""

    check: str
    doing: str
    rows: Callable[[], Iterable[Row]]


class Preflight:
    """Looks at one environment; whatever it brings up lives until the stack ends."""

    def __init__(
        self,
        subject: Subject,
        stack: ExitStack,
        folder: Path,
        *,
        bundles: Sequence[Bundle] = (),
        whole: float = WHOLE,
    ) -> None:
        """`folder` is where the reports of drills go. Without `bundles`: the drills that name the
        environment."""
        self._subject = subject
        self._folder = folder
        self._until = subject.clock.monotonic() + whole
        self._definitions = Definitions(subject, bundles)
        self._store = StoreLook(subject, stack)
        self._target = TargetLook(subject, stack)
        self._judged: list[drills.Judged] = []
        self._resolved: list[Bundle] = []

    @property
    def invalid(self) -> bool:
        """Whether a definition is wrong."""
        return bool(self._definitions.problems)

    def rows(self, begin: Callable[[str], None] = lambda _: None) -> Iterator[Row]:
        """Everything that was found, as it is found.

        Args:
            begin: Told what is looked at now, before it is.
        """
        for look in self._looks():
            begin(look.doing)
            yield from self._take(look)

    def _looks(self) -> Iterator[Look]:
        subject = self._subject
        yield Look(DEFINITIONS, "reading the definitions", self._definitions.rows)
        bundles = self._definitions.bundles
        yield Look("store", "asking the store", self._store.rows)
        yield Look(reports.CHECK, "looking at the reports' folder", self._reports)
        yield Look(secrets.CHECK, "looking for secrets", lambda: secrets.rows(subject, bundles))
        yield Look(people.CHECK, "looking at people", lambda: people.rows(subject))
        yield Look(channels.CHECK, "reaching the channels", lambda: channels.rows(subject))
        yield Look("target", f"reaching the {subject.environment.target.kind}", self._target.rows)
        for bundle in bundles:
            doing = f"asking the guard about {bundle.drill.name}"
            yield Look(drills.CHECK, doing, partial(self._judge, bundle))
        yield Look(drills.CHECK, "", lambda: drills.rows(subject, self._judged))
        for name, bundle in self._profiles().items():
            doing = f"asking the access checks of {name}"
            yield Look(access.CHECK, doing, partial(self._access, bundle))
        yield Look(runbooks.CHECK, "following the runbooks' links", self._runbooks)
        yield Look(runbooks.CHECK, "reading the target's record", self._record)

    def _take(self, look: Look) -> list[Row]:
        """A look, within its time; whatever fails in one stops no other."""
        left = min(_STEP, self._until - self._subject.clock.monotonic())
        if left <= 0:
            return [unknown(look.check, f"not looked at, because time is up: {look.doing}")]
        try:
            return bounded(lambda: list(look.rows()), left)
        except OvertimeError:
            return [unknown(look.check, f"no answer in {left:.0f} s while {look.doing}")]
        except DrillmasterError as error:
            return [problem(look.check, str(error), editing(self._subject.file))]
        except Exception as error:  # another package's part; its text may hold a secret
            return [unknown(look.check, f"{look.doing} failed ({type(error).__name__})")]

    def _judge(self, bundle: Bundle) -> list[Row]:
        name, store, target = bundle.drill.name, self._store.usable, self._target.target
        if store is None or target is None:
            missing = "target" if target is None else "store"
            return [unknown(drills.CHECK, f"{name}: not asked, for want of the {missing}")]
        resolved = self._target.resolved(bundle)
        self._resolved.append(resolved)
        self._judged.append(drills.judge(resolved, store, target, self._subject.clock))
        return []

    def _profiles(self) -> dict[str, Bundle]:
        """One drill for each access profile: the same checks need not be asked twice."""
        bundles = self._definitions.bundles
        return {bundle.access.name: bundle for bundle in reversed(bundles) if bundle.access}

    def _access(self, bundle: Bundle) -> Iterable[Row]:
        target = self._target.target
        if target is None:
            assert bundle.access is not None
            name = bundle.access.name
            return [unknown(access.CHECK, f"{name}: not asked, for want of the target")]
        resolved = self._target.resolved(bundle)
        return access.rows(self._subject, resolved, target, self._subject.clock)

    def _record(self) -> Iterable[Row]:
        target = self._target.target
        return () if target is None else record.rows(self._subject, self._resolved, target)

    def _reports(self) -> Iterable[Row]:
        return reports.rows(self._folder)

    def _runbooks(self) -> Iterable[Row]:
        return runbooks.rows(self._resolved or self._definitions.bundles)
