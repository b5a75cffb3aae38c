"""Every secret that the drill needs is there."""

from drillmaster.definitions.units import count
from drillmaster.engine.planning.guard.rule import Files, Verdict, holds, refused
from drillmaster.engine.planning.secrets import lost, needed


def secrets(files: Files) -> Verdict:
    """Every reference that the drill needs leads to a secret: a page that cannot be sent, or a
    check that cannot be asked, would only be noticed once something is broken."""
    places: dict[str, str] = {}
    for ref, at in needed(files.bundle):
        places.setdefault(ref, at)
    if bad := lost(places):
        return refused("; ".join(f"{one.why}: `{one.mend}`" for one in bad))
    return holds(f"{count(len(places), 'secret')} can be resolved" if places else "none is needed")
