"""Which parameters `make test` plays; `make soak` plays the others."""

from collections.abc import Collection, Iterable
from typing import Any

import pytest


def sampled(values: Iterable[Any], sample: Collection[Any]) -> list[Any]:
    """All of them as parameters. Those that are not in the sample are left to `make soak`: each
    costs seconds, and shows of one more case what the sample shows of its kind. A value with
    several parts is a tuple.

    Raises:
        AssertionError: something of the sample is none of the values.
    """
    known = list(values)
    assert all(one in known for one in sample), f"{sample} are not all among {known}"
    return [_parameter(one, one in sample) for one in known]


def _parameter(value: Any, plays: bool) -> Any:
    parts = value if isinstance(value, tuple) else (value,)
    return pytest.param(*parts, marks=[] if plays else [pytest.mark.soak])
