"""One of two processes that want the same environment at the same moment.

Told, line by line, a store's URL, an environment and the moment at which to begin, on the
clock that all processes of a machine share. Says `got` and the run, or the exit code.
"""

import sys
import time
from datetime import UTC, datetime

from drillmaster.clock import SteadyClock
from drillmaster.engine.books import ledger
from drillmaster.engine.settling.reaper import make_room
from drillmaster.errors import RefusedError
from drillmaster.timeline.store import Store
from tests.support.ledger import new_run


def main() -> None:
    """Race, as a command does on its way to a run's row."""
    me = sys.argv[1]
    for line in sys.stdin:
        url, environment, begin = line.split()
        while time.monotonic() < float(begin):
            pass
        try:
            store = Store.open_url(url)
            make_room(store, environment, SteadyClock())
            with store.write() as connection:
                new = new_run(f"{environment}-{me}", environment)
                said = f"got {ledger.open_run(connection, new, datetime.now(UTC)).run}"
        except RefusedError as error:
            said = f"{error.exit_code:d}"
        print(said, flush=True)
        store.close()


if __name__ == "__main__":
    main()
