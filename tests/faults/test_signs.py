"""The effect of a fault where the drill says how it is seen: judged apart from any fault."""

from pathlib import Path
from typing import Any

import pytest

from drillmaster.faults.base import FaultKind, Injection
from drillmaster.faults.registry import kind_of
from drillmaster.faults.signs import effect_of, spoiled
from drillmaster.targets.base import UnreachableError
from tests.faults.stagings import SandboxStaging
from tests.support.chaos import chaos_fault, extension, shown_by
from tests.support.faulty import MemoryFault
from tests.support.target import MemoryTarget

TARGET = MemoryTarget()
UNCLEAR = {"command": {"run": ["/no/such/program"]}}


@pytest.fixture
def sign(tmp_path: Path) -> Path:
    """A file: while it is there, the effect shows."""
    return tmp_path / "sign"


def fault(effect: Any) -> Injection:
    arguments = {} if effect is None else {"effect": effect}
    return Injection(id="r1-f", run="r1", name="f", kind="f", arguments=arguments, expires=0.0)


def kind(*, there: bool = True) -> FaultKind:
    return MemoryFault(there={"r1-f"} if there else set())


def test_what_turns_from_no_to_yes_while_the_fault_is_in_counts(sign: Path) -> None:
    shown = fault(shown_by(sign))
    assert spoiled(shown, TARGET) is None
    assert effect_of(kind(), shown, TARGET) is None, "although the fault itself shows one"
    sign.touch()
    assert effect_of(kind(), shown, TARGET) == "test ended with 0"


def test_what_was_yes_from_the_start_proves_nothing(sign: Path) -> None:
    sign.touch()
    assert (
        spoiled(fault(shown_by(sign)), TARGET) == "its `effect` is met already: test ended with 0"
    )


def test_what_is_unclear_is_neither() -> None:
    assert "cannot be asked" in (spoiled(fault(UNCLEAR), TARGET) or "")
    with pytest.raises(UnreachableError):
        effect_of(kind(), fault(UNCLEAR), TARGET)


def test_what_another_fault_does_is_not_its_effect(sign: Path) -> None:
    sign.touch()
    assert effect_of(kind(there=False), fault(shown_by(sign)), TARGET) is None


def test_without_a_sign_the_fault_itself_shows_it() -> None:
    assert spoiled(fault(None), TARGET) is None
    assert effect_of(kind(), fault(None), TARGET) == "seen"


def test_a_fault_of_chaos_toolkit_has_it_beside_its_presence(tmp_path: Path) -> None:
    folder, played, sign = extension(tmp_path), kind_of("chaos", "memory"), tmp_path / "sign"
    one = chaos_fault(folder, effect=shown_by(sign))
    played.inject(one, TARGET, 1)
    assert played.present(one, TARGET)
    assert effect_of(played, one, TARGET) is None
    sign.touch()
    assert effect_of(played, one, TARGET) == "test ended with 0"


def test_a_page_shows_what_the_sandbox_does(sandbox_staging: SandboxStaging) -> None:
    """Refused pages are seen from outside, as a customer sees them."""
    sandbox_staging.restore()
    target, throttle = sandbox_staging.target, kind_of("throttle", "sandbox")
    page = f"{target.address['proxy']}/checkout"
    one = sandbox_staging.fault(
        "throttle", share="100%", effect={"http": {"url": page, "status": 429}}
    )
    assert spoiled(one, target) is None
    throttle.inject(one, target, 1)
    assert "429" in (effect_of(throttle, one, target) or "")
    throttle.undo(one, target, "injected")
    assert effect_of(throttle, one, target) is None
