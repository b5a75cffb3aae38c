"""One real run for the README: `make example` writes reports/example and its picture.

Nothing of the run is changed afterwards: its chain would not hold any more. Only who
started it is said beforehand, so that no person's name is in it.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from drillmaster.reports.registry import FILES
from tests.support.drills import COMMAND
from tests.support.picture import take
from tests.support.shipped import DRILLS, ROOT

EXAMPLE = ROOT / "reports" / "example"
PICTURE = ROOT / "docs" / "scorecard.png"
DRILL = DRILLS / "checkout-degraded.yaml"
OPERATOR = "sre"


def run(folder: Path) -> Path:
    """Run the demo drill in a folder; the folder of its reports."""
    done = subprocess.run(
        [*COMMAND, "run", str(DRILL)],
        cwd=folder,
        env={**os.environ, "LOGNAME": OPERATOR, "COLUMNS": "100"},
        stdin=subprocess.DEVNULL,
        timeout=150,
        check=False,
    )
    if done.returncode != 0:
        sys.exit(f"the drill ended with {done.returncode}; nothing was written")
    (written,) = (folder / "reports").iterdir()
    return written


def main() -> None:
    """Run the drill, keep its reports, and take the picture."""
    with TemporaryDirectory() as folder:
        written = run(Path(folder))
        shutil.rmtree(EXAMPLE, ignore_errors=True)
        EXAMPLE.mkdir(parents=True)
        for name in FILES:
            shutil.copyfile(written / name, EXAMPLE / name)
    take(EXAMPLE / "scorecard.html", PICTURE)
    sys.stdout.write(f"Wrote {EXAMPLE.relative_to(ROOT)} and {PICTURE.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
