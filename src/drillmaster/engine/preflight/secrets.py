"""Does every reference to a secret lead to one? None is shown."""

from collections.abc import Iterable, Iterator

from drillmaster.definitions.bundle import Bundle
from drillmaster.engine.planning.secrets import Place, lost, references
from drillmaster.engine.preflight.row import Row, ok, problem
from drillmaster.engine.preflight.subject import Subject

CHECK = "secrets"


def rows(subject: Subject, bundles: Iterable[Bundle]) -> Iterator[Row]:
    """Resolve each, and forget it."""
    places: dict[str, str] = {}
    for ref, at in _everywhere(subject, bundles):
        places.setdefault(ref, at)
    bad = lost(places)
    yield from (problem(CHECK, one.why, one.mend) for one in bad)
    good = len(places) - len(bad)
    if good or not places:
        found = f"{good} of {len(places)} are there" if places else "no definition needs one"
        yield ok(CHECK, found)


def _everywhere(subject: Subject, bundles: Iterable[Bundle]) -> Iterator[Place]:
    yield from references(subject.environment)
    for bundle in bundles:
        for part in (bundle.drill, bundle.access, bundle.runbook):
            if part is not None:
                yield from references(part, (part.name,))
