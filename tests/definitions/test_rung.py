"""Whose part in a drill is played."""

from typing import Any

import pytest

from drillmaster.definitions.rung import played_roles
from tests.support.guarded import bundle_of, environment

SILENT = [{"unreachable-primary": {"by": "drill-policy"}}]
BRIEFED = [{"unreachable-primary": {"by": "briefed"}}]


@pytest.mark.parametrize(
    ("simulated", "faults", "played"),
    [
        ([], [], []),
        (["ana"], SILENT, []),
        (["ana"], BRIEFED, ["primary"]),
        (["ana"], [], ["primary"]),
        (["dan"], [], []),
        (["ben"], SILENT, ["secondary"]),
        (["ana", "ben", "caro"], [], ["primary", "secondary"]),
    ],
)
def test_a_role_is_played_where_somebody_simulated_is_rung_in_it(
    simulated: list[str], faults: list[dict[str, Any]], played: list[str]
) -> None:
    where = environment({who: {"simulate": "prompt"} for who in simulated})
    assert played_roles(bundle_of(where, faults=faults).drill, where) == played
