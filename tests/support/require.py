"""What a test needs from the machine. CI says what must be there, in DRILLMASTER_REQUIRE."""

import os
from typing import NoReturn

import pytest


def missing(part: str, why: str) -> NoReturn:
    """Skip the test for want of a part; fail where DRILLMASTER_REQUIRE lists the part.

    DRILLMASTER_REQUIRE is a list with commas, such as `postgresql,chromium`.
    """
    required = {name.strip() for name in os.environ.get("DRILLMASTER_REQUIRE", "").split(",")}
    if part in required:
        pytest.fail(f"{part} is required here, but {why}", pytrace=False)
    pytest.skip(f"needs {part}: {why}")
