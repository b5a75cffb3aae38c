"""Which pods a fault selects: `app=checkout,tier=web`."""

from drillmaster.errors import InvalidError


def labels_of(selector: str) -> dict[str, str]:
    """The labels that a pod must have.

    Raises:
        InvalidError: the selector is empty, has a part without a value, or asks one label
            to have two values.
    """
    labels: dict[str, str] = {}
    for part in selector.split(","):
        name, equals, value = part.partition("=")
        if not (name and equals and value):
            raise InvalidError(f"selector {selector!r}: {part!r} is not written as label=value")
        if labels.setdefault(name, value) != value:
            raise InvalidError(f"selector {selector!r} asks {name} to have two values")
    return labels
