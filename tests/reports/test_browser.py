"""The page in a real browser: nothing is wider than the screen, and no label is covered."""

import html
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from drillmaster.reports.html import render_html
from tests.reports.hostile import NASTY
from tests.reports.sample import chained, event, records, started
from tests.reports.scorecards import metric, not_ready, scorecard
from tests.support.require import missing

FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage", "--virtual-time-budget=10000",
]  # fmt: skip

# The page itself may run no script. A page around it holds it in a frame of a given
# width, which has the same origin and so can be measured from outside.
AROUND = """<!doctype html>
<iframe srcdoc="{page}" style="width: {width}px; height: 900px; border: 0"></iframe><script>
addEventListener("load", () => {{
  const page = document.querySelector("iframe").contentDocument;
  const texts = [...page.querySelectorAll("svg.timeline text")].map((text) => {{
    const box = text.getBoundingClientRect();
    return [text.textContent, box.left, box.right, box.top, box.bottom];
  }});
  const fit = [...page.querySelectorAll("body *:not(.scroll *)")].filter((element) =>
    element.getBoundingClientRect().right > {width} + 1 && !element.closest(".watermark"));
  const pre = document.createElement("pre");
  pre.textContent = JSON.stringify({{
    width: page.documentElement.clientWidth,
    needed: page.documentElement.scrollWidth,
    outside: fit.map((element) => element.outerHTML.slice(0, 80)),
    scripts: page.scripts.length,
    texts: texts,
  }});
  document.body.append(pre);
}});
</script>"""


def measured(page: bytes, width: int, tmp_path: Path) -> dict[str, Any]:
    """What a browser makes of the page in a window of this width."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        missing("chromium", "no chromium is installed")
    around = tmp_path / "around.html"
    around.write_text(AROUND.format(page=html.escape(page.decode()), width=width), encoding="utf-8")
    command = [chromium, *FLAGS, f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom"]
    result = subprocess.run(
        [*command, around.as_uri()], capture_output=True, timeout=90, check=True
    )
    found = re.search(r"<pre>(.*?)</pre>", result.stdout.decode(), re.DOTALL)
    assert found, result.stdout[-2000:]
    answer: dict[str, Any] = json.loads(html.unescape(found[1]))
    assert answer["width"] == width
    return answer


def sample() -> bytes:
    return render_html(not_ready(records()), records())


def hostile() -> bytes:
    long = "w" * 200
    card = scorecard(
        title=long,
        sentence=long,
        environment=long,
        metrics=[metric(name=long, seen=long, cause=NASTY[0], next_step=long, verdict="missed")],
        access=[
            {"check": long, "person": person * 20, "answer": "denied", "grade": None, "events": []}
            for person in ("one", "two", "three")
        ],
    )
    notes = [event(n, "note-added", long, person=long, text=text) for n, text in enumerate(NASTY)]
    return render_html(card, chained([started(), *notes]))


@pytest.mark.parametrize("width", [360, 1280])
def test_the_page_fits_the_screen(width: int, tmp_path: Path) -> None:
    answer = measured(sample(), width, tmp_path)
    assert answer["needed"] <= width
    assert answer["outside"] == []
    assert answer["scripts"] == 0


def test_not_even_long_words_widen_the_page(tmp_path: Path) -> None:
    answer = measured(hostile(), 360, tmp_path)
    assert answer["needed"] <= 360
    assert answer["outside"] == []


def test_no_label_of_the_picture_covers_another(tmp_path: Path) -> None:
    texts = measured(sample(), 1280, tmp_path)["texts"]
    assert len(texts) > 20
    for number, (one, left, right, top, bottom) in enumerate(texts):
        for other, left2, right2, top2, bottom2 in texts[:number]:
            beside = right <= left2 or right2 <= left
            above = bottom <= top2 + 3 or bottom2 <= top + 3  # boxes have room above the letters
            assert beside or above, f"{one!r} covers {other!r}"
