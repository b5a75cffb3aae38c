"""The files that the project ships."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
"""The project's folder."""

DRILLS = ROOT / "drills"
"""Its drills."""
