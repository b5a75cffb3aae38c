"""How the store's cells are read back."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import JSON, Dialect, TypeDecorator


class JsonCell(TypeDecorator[Any]):
    """JSON. A cell that holds none is read as it is: one bad cell must not keep anybody from
    the rows beside it, and whoever needs it finds that it is not what it should be."""

    impl = JSON
    cache_ok = True

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any] | None:
        """The reading of one cell."""
        process = super().result_processor(dialect, coltype)
        if process is None:
            return None

        def read(value: Any) -> Any:
            try:
                return process(value)
            except (ValueError, TypeError, RecursionError):
                return value

        return read
