"""`python -m drillmaster.cli`."""

import sys

from drillmaster.cli import main

if __name__ == "__main__":
    sys.exit(main())
