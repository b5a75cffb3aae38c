"""Answers of a moment ago, so that many who ask the same share one request."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Final, TypeVar, cast

T = TypeVar("T")

FRESH: Final = 0.5
"""Seconds for which an answer serves the same question again. Changes of RBAC show within
milliseconds, and the checks of one profile are asked within this or little more."""


class Recent:
    """What was asked a moment ago, or is being asked. An error is nobody's answer but the
    asker's and of those who waited for the same."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[object, tuple[float, Future[Any]]] = {}

    def get(self, key: object, ask: Callable[[], T]) -> tuple[T, float]:
        """What `ask` returns, or what a call of it returned that began less than `FRESH` ago;
        and when the call began."""
        now = time.monotonic()
        with self._lock:
            begun, future = self._known.get(key, (now - FRESH, None))
            mine = future is None or now - begun >= FRESH
            if mine:
                begun, future = now, Future()
                self._known[key] = begun, future
        assert future is not None
        if mine:
            self._settle(key, future, ask)
        return cast("T", future.result()), begun

    def _settle(self, key: object, future: Future[Any], ask: Callable[[], object]) -> None:
        try:
            future.set_result(ask())
        except BaseException as error:
            with self._lock:
                self._known.pop(key, None)
            future.set_exception(error)
