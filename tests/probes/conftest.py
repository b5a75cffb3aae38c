"""What the tests of probes share."""

from tests.support.postgres import postgres

__all__ = ["postgres"]
