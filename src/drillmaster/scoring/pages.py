"""What became of the pages."""

from collections.abc import Iterable

from drillmaster.scoring.case import Case, Fact
from drillmaster.timeline.events import PageDelivered, PageFailed, PageSent


def sent(case: Case) -> list[Fact[PageSent]]:
    """The pages that were fired; those that a drill suppresses never are."""
    return list({fact.event.page: fact for fact in reversed(case.of(PageSent))}.values())[::-1]


def delivered(case: Case) -> set[str]:
    """The pages that some channel took."""
    return {fact.event.page for fact in case.of(PageDelivered)}


def failed(case: Case) -> set[str]:
    """The pages that some channel did not take."""
    return {fact.event.page for fact in case.of(PageFailed)}


def reached(case: Case, person: str | None) -> bool:
    """Whether some channel took a page to a person as the secondary."""
    taken = delivered(case)
    return any(
        fact.event.page in taken
        for fact in sent(case)
        if fact.event.person == person and fact.event.role == "secondary"
    )


def undelivered(case: Case) -> bool:
    """Whether the secondary was paged, and no channel took any of those pages."""
    pages = {fact.event.page for fact in sent(case) if fact.event.role == "secondary"}
    return bool(pages) and pages <= failed(case) - delivered(case)


def events(case: Case, pages: Iterable[Fact[PageSent]]) -> tuple[int, ...]:
    """The events of some pages: that they were fired, and what their channels said."""
    ids = {fact.event.page: fact.seq for fact in pages}
    taken = [fact.seq for fact in case.of(PageDelivered) if fact.event.page in ids]
    not_taken = [fact.seq for fact in case.of(PageFailed) if fact.event.page in ids]
    return tuple(sorted([*ids.values(), *taken, *not_taken]))
