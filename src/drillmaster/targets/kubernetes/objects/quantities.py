"""Quantities, as the API writes them: `50m`, `1.5`, `128Mi`, `1e3`."""

from decimal import Decimal, InvalidOperation
from fractions import Fraction

from drillmaster.targets.base import DeclinedError

_DECIMAL = {"n": -9, "u": -6, "m": -3, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = ("Ki", "Mi", "Gi", "Ti", "Pi", "Ei")


def amount(written: str | float) -> Fraction:
    """How much a quantity is, exactly.

    Raises:
        DeclinedError: it is none.
    """
    text = str(written)
    number, factor = text, Fraction(1)
    if text.endswith(_BINARY):
        number, factor = text[:-2], Fraction(1024) ** (_BINARY.index(text[-2:]) + 1)
    elif text[-1:] in _DECIMAL:
        number, factor = text[:-1], Fraction(10) ** _DECIMAL[text[-1]]
    try:
        return Fraction(Decimal(number)) * factor
    except (InvalidOperation, ValueError, OverflowError):
        raise DeclinedError(f"{text!r} is no quantity") from None
