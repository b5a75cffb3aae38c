"""Can the target's own record show who does the steps of the runbooks?"""

from collections.abc import Iterable, Iterator

from drillmaster.definitions.bundle import Bundle
from drillmaster.definitions.runbook import Runbook
from drillmaster.engine.preflight.row import Row, problem
from drillmaster.engine.preflight.runbooks import CHECK
from drillmaster.engine.preflight.subject import Subject
from drillmaster.targets.base import DeclinedError, Target


def rows(subject: Subject, bundles: Iterable[Bundle], target: Target) -> Iterator[Row]:
    """Read it, where a step depends on it."""
    books = {book.name: book for bundle in bundles if (book := bundle.runbook) is not None}
    names = ", ".join(sorted(name for name, book in books.items() if _audited(book)))
    if not names:
        return
    try:
        target.audit(None)
    except DeclinedError as error:
        message = f"steps of {names} cannot be proved: {error}"
        yield problem(CHECK, message, subject.editing_target())


def _audited(book: Runbook) -> bool:
    return any(step.evidence is not None and step.evidence.audit is not None for step in book.steps)
