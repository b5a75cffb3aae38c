"""What is done to the processes of a drill."""

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass

from tests.support.sweep.life import Life

RUNNER, WATCHDOG = "drillmaster.engine.machine.runner", "drillmaster.engine.settling.watchdog"


@dataclass(frozen=True, slots=True)
class Way:
    """Something that is done to the processes of a drill."""

    act: Callable[[Life], None]
    kills: bool = False
    """The supervisor is killed."""
    signal: int | None = None
    """The signal that a living supervisor gets."""
    terminal: bool = False
    """The drill runs in a terminal."""
    frozen: bool = False
    """The supervisor is stopped, and goes on when all is over."""
    unwatched: bool = False
    """Nobody is left to settle: the next command does."""

    @property
    def name(self) -> str:
        return self.act.__name__.strip("_").replace("_", " ")


def kill_supervisor(life: Life) -> None:
    life.send(signal.SIGKILL, supervisor=True)


def kill_runner(life: Life) -> None:
    life.send(signal.SIGKILL, RUNNER)


def kill_supervisor_and_runner(life: Life) -> None:
    life.send(signal.SIGKILL, RUNNER, supervisor=True)


def kill_group(life: Life) -> None:
    life.send_group(signal.SIGKILL)


def kill_watchdog(life: Life) -> None:
    life.send(signal.SIGKILL, WATCHDOG)


def kill_watchdog_and_supervisor(life: Life) -> None:
    life.send(signal.SIGKILL, WATCHDOG, supervisor=True)


def kill_all(life: Life) -> None:
    life.send(signal.SIGKILL, WATCHDOG, RUNNER, supervisor=True)


def freeze_runner_kill_supervisor(life: Life) -> None:
    life.send(signal.SIGSTOP, RUNNER)
    life.send(signal.SIGKILL, supervisor=True)


def freeze_supervisor(life: Life) -> None:
    life.send(signal.SIGSTOP, supervisor=True)


def terminate(life: Life) -> None:
    life.send(signal.SIGTERM, supervisor=True)


def interrupt(life: Life) -> None:
    life.send(signal.SIGINT, supervisor=True)


def interrupt_twice(life: Life) -> None:
    for _ in range(2):
        life.send_group(signal.SIGINT)
        time.sleep(0.05)  # the second press comes while the first is being acted on


def hang_up(life: Life) -> None:
    life.send(signal.SIGHUP, supervisor=True)


def close_terminal(life: Life) -> None:
    life.hang_up()


WAYS = [
    Way(kill_supervisor, kills=True),
    Way(kill_runner),
    Way(kill_supervisor_and_runner, kills=True),
    Way(kill_group, kills=True),
    Way(kill_watchdog),
    Way(kill_watchdog_and_supervisor, kills=True, unwatched=True),
    Way(kill_all, kills=True, unwatched=True),
    Way(freeze_runner_kill_supervisor, kills=True),
    Way(freeze_supervisor, frozen=True),
    Way(terminate, signal=signal.SIGTERM),
    Way(interrupt, signal=signal.SIGINT),
    Way(interrupt_twice, signal=signal.SIGINT),
    Way(hang_up, signal=signal.SIGHUP),
    Way(close_terminal, signal=signal.SIGHUP, terminal=True),
]
