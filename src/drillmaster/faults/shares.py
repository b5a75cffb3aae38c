"""How many of a number a share is, rounded down and exact."""

_PARTS = 100_000  # a share is written with at most five decimals of a fraction


def of(share: float, number: int) -> int:
    """The share of a number, rounded down.

    In whole parts, because `0.29 * 100` is less than 29 in floating point.
    """
    return round(share * _PARTS) * number // _PARTS
