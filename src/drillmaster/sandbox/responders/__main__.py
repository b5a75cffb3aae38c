"""The process of the simulated responders.

It reads its settings as one line of JSON, writes one line with its address, and ends when
its standard input does: also when whoever started it is killed.
"""

import json
import os
import sys

from drillmaster.clock import SteadyClock
from drillmaster.sandbox.responders.server import serve
from drillmaster.sandbox.responders.settings import Settings


def main() -> None:
    """Serve until the input ends; then at once, whatever is being done."""
    settings = Settings.model_validate_json(sys.stdin.readline())
    print(json.dumps({"url": serve(settings, SteadyClock())}), flush=True)  # noqa: T201 - the answer to whoever started it
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main()
