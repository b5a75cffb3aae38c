import threading
import time

import pytest

from drillmaster.probes.bounded import OvertimeError, bounded


def test_what_the_work_returns() -> None:
    assert bounded(lambda: 42, 5) == 42


@pytest.mark.parametrize("error", [ValueError("why"), TimeoutError("its own"), KeyboardInterrupt()])
def test_what_the_work_raises(error: BaseException) -> None:
    def work() -> None:
        raise error

    with pytest.raises(type(error)) as raised:
        bounded(work, 5)
    assert raised.value is error


def test_nobody_waits_longer_than_was_said() -> None:
    stop = threading.Event()
    begun = time.monotonic()
    with pytest.raises(OvertimeError, match="100ms"):
        bounded(lambda: stop.wait(30), 0.1, stop.set)
    assert time.monotonic() - begun < 2
    assert stop.is_set()


def test_an_abandon_that_fails_is_a_time_out_all_the_same() -> None:
    stop = threading.Event()

    def abandon() -> None:
        stop.set()
        raise RuntimeError("already closed")

    with pytest.raises(OvertimeError):
        bounded(lambda: stop.wait(30), 0.05, abandon)
