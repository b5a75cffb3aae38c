"""The picture in the README: a report as Chromium shows it."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

WIDTH = 1152
"""Pixels: the page at its widest."""

_STYLE = """
section:not(.whole), .whole .lead, footer { display: none }
main { padding: 24px 32px 8px }
main > section { margin-top: 28px }
"""
"""Leaves the verdict and the picture of the timeline, without the tables."""

_MEASURE = """<!doctype html>
<iframe src="page.html" style="width: {width}px; height: 100px; border: 0"></iframe><script>
addEventListener("load", () => {{
  const page = document.querySelector("iframe").contentDocument.documentElement;
  document.title = "height " + page.scrollHeight;
}});
</script>"""
"""The page itself may run no script, so it is measured from around it."""

_FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run")


class NoBrowserError(RuntimeError):
    """There is no Chromium."""


def take(page: Path, picture: Path) -> None:
    """Write a PNG of a report's verdict and timeline.

    Raises:
        NoBrowserError: no Chromium is installed.
    """
    with TemporaryDirectory() as folder:
        shown = Path(folder, "page.html")
        text = page.read_text("utf-8").replace("</style>", f"{_STYLE}</style>", 1)
        shown.write_text(text, "utf-8")
        around = Path(folder, "around.html")
        around.write_text(_MEASURE.format(width=WIDTH), "utf-8")
        measured = _browse(folder, "--allow-file-access-from-files", "--dump-dom", around.as_uri())
        found = re.search(r"<title>height (\d+)</title>", measured)
        assert found, measured[-500:]
        size, to = f"--window-size={WIDTH},{found[1]}", f"--screenshot={picture.absolute()}"
        _browse(folder, size, to, shown.as_uri())


def _browse(folder: str, *arguments: str) -> str:
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if browser is None:
        raise NoBrowserError("no chromium is installed")
    profile = f"--user-data-dir={Path(folder, 'profile')}"
    done = subprocess.run(
        [browser, *_FLAGS, profile, *arguments],
        env=os.environ,
        capture_output=True,
        timeout=90,
        check=True,
    )
    return done.stdout.decode()
