"""What the command line shows: a drill while it runs, and its scorecard."""

from drillmaster.reports.live import LiveProgress
from drillmaster.reports.scorecard_view import scorecard_view, verdict_line

__all__ = ["LiveProgress", "scorecard_view", "verdict_line"]
