"""What docs/reports.md says is so."""

import re
import tomllib
from pathlib import Path
from typing import Any

from prometheus_client.openmetrics.parser import text_string_to_metric_families

from drillmaster.reports.openmetrics import render_openmetrics
from drillmaster.reports.plain import tidy
from drillmaster.reports.registry import FILES, GROUP, RENDERERS
from tests.reports.sample import records
from tests.reports.scorecards import not_ready, scorecard

PAGE = (Path(__file__).parents[2] / "docs" / "reports.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """The examples in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


def test_every_file_is_listed_with_its_format() -> None:
    assert dict(re.findall(r"^\| `([a-z.]+)` \| `([a-z]+)` \|", PAGE, re.MULTILINE)) == FILES


def test_every_format_is_named() -> None:
    assert all(f"`{name}`" in PAGE for name in RENDERERS)
    (commands,) = blocks("sh")
    for name in re.findall(r"--format (\w+)", commands):
        assert name in RENDERERS


def test_every_family_is_described() -> None:
    text = render_openmetrics(not_ready(records()), records()).decode()
    written = re.findall(r"^# TYPE (\w+)", text, re.MULTILINE)
    assert sorted(re.findall(r"^\| `(drillmaster_\w+)`", PAGE, re.MULTILINE)) == sorted(written)


def test_the_sample_is_one_that_is_written() -> None:
    (sample,) = blocks("text")
    lines = render_openmetrics(not_ready(records()), records()).decode().splitlines()
    assert set(sample.splitlines()) <= set(lines)
    parsed = list(text_string_to_metric_families(sample))  # type: ignore[no-untyped-call] # has no types
    assert [family.name for family in parsed] == ["drillmaster_metric_value"]


def test_the_report_of_ones_own_works() -> None:
    (program,) = blocks("python")
    names: dict[str, Any] = {}
    exec(program, names)
    assert names["render_csv"](scorecard(), records()) == b"M1,met\n"
    (project,) = blocks("toml")
    points = tomllib.loads(project)["project"]["entry-points"]
    assert points == {GROUP: {"csv": "acme_reports:render_csv"}}


def test_the_helper_for_safe_text_is_where_the_page_says() -> None:
    assert f"`{tidy.__module__}.{tidy.__name__}`" in PAGE
