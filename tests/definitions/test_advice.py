"""Warnings: what is valid and yet will not do what its author hopes."""

from datetime import date
from pathlib import Path

import pytest

from drillmaster.definitions.advice import warnings
from drillmaster.definitions.project import Project
from tests.support.definitions import EXAMPLES, SHIPPED, edit, first_of, is_located, place_of

TODAY = date(2026, 12, 1)
DRILL = "checkout-degraded.yaml"
BOOK = "runbooks/checkout-degraded.md"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return first_of(SHIPPED, tmp_path)


def told(root: Path, today: date = TODAY) -> list[str]:
    found = warnings(Project.load(root), today)
    assert all(map(is_located, found))
    return [f"{Path(one.path).name}: {one.text}" for one in found]


@pytest.mark.parametrize("folder", [SHIPPED, EXAMPLES])
def test_nothing_is_said_of_what_is_shipped(folder: Path) -> None:
    assert told(folder) == []


@pytest.mark.parametrize(("today", "old"), [(date(2027, 5, 23), False), (date(2027, 5, 24), True)])
def test_a_runbook_that_nobody_reviewed_for_180_days(root: Path, today: date, old: bool) -> None:
    expected = (
        "checkout-degraded.md: reviewed: the last review was 181 days ago; "
        "read the runbook again, mend it, and set the day"
    )
    assert told(root, today) == [expected] * old


def test_a_required_step_without_evidence(root: Path) -> None:
    edit(root / BOOK, "## Tell the team", "## Breathe\n\n## Tell the team")
    edit(root / BOOK, "evidence: {self-report: {}}\n", "")
    (line,) = told(root)
    assert line.startswith("checkout-degraded.md: steps.3: nothing shows that this required step")


def test_links_to_files_that_do_not_exist(root: Path) -> None:
    (root / "runbooks" / "the map.md").write_text("---\n")
    (root / "runbooks" / "the map.md").rename(root / "the map.md")
    links = (
        "See [a](../the%20map.md#here), [b](<../nowhere.md>), ![c](c.png), [d](#end), [e](/f), "
        "[g](https://x.example/y), [h](mailto:ana@x.example) and [i]({{ urls.dashboard }}/x).\n\n"
        "```sh\necho [j](k.md)\n```\n\n[l](%00)\n"
    )
    edit(root / BOOK, "Open the", f"{links}\nOpen the")
    assert told(root) == [
        "checkout-degraded.md: there is no file '../nowhere.md'",
        "checkout-degraded.md: there is no file 'c.png'",
        r"checkout-degraded.md: there is no file '\x00'",
    ]
    (first, *_) = warnings(Project.load(root), TODAY)
    assert f"{first.line}:{first.column}" == place_of((root / BOOK).read_text(), "../nowhere")


@pytest.mark.parametrize(
    ("file", "change", "key", "needs"),
    [
        (
            *(DRILL, ("targets:", "targets:\n  hand_over_time: 1m")),
            *("hand_over_time", "engage: hand-over"),
        ),
        (BOOK, ("mitigates: true", "mitigates: false"), "first_mitigation", "mitigates: true"),
        (BOOK, ("within", "optional: true\nwithin"), "runbook_adherence", "is not optional"),
    ],
)
def test_a_target_that_nothing_measures(
    root: Path, file: str, change: tuple[str, str], key: str, needs: str
) -> None:
    (root / "checkout-hand-over.yaml").unlink()
    path = root / file
    path.write_text(path.read_text().replace(*change))
    (line,) = told(root)
    assert line.startswith(f"checkout-degraded.yaml: targets.{key}: nothing measures this target")
    assert needs in line


@pytest.mark.parametrize("target", ["detection_time", "recovery_time", "undo_time"])
def test_a_target_of_a_fault_in_a_drill_without_one(root: Path, target: str) -> None:
    path = root / "checkout-hand-over.yaml"
    before, _, after = path.read_text().partition("faults:\n")
    path.write_text(before + after.partition("\n\n")[2])
    assert told(root) == []
    edit(path, "targets:", f"targets:\n  {target}: 1m")
    (line,) = told(root)
    assert "it needs a fault at the target" in line


def test_a_page_that_the_drill_fires_detects_nothing(root: Path) -> None:
    path = root / "checkout-degraded.yaml"
    edit(path, "targets:", "targets:\n  detection_time: 1m")
    (line,) = told(root)
    assert "targets.detection_time: nothing measures this target" in line
    assert "`page: by-alert`" in line


EVICT = "{namespace: shop, workload: checkout, action: evict}"


def evicting(root: Path) -> None:
    """A runbook whose first step is to evict a pod."""
    edit(
        root / BOOK, "audit: {namespace: shop, workload: checkout, action: view}", f"audit: {EVICT}"
    )


def test_an_action_of_a_step_that_no_access_check_asks_for(root: Path) -> None:
    evicting(root)
    line, other = told(root)
    assert line == (
        "checkout-degraded.yaml: access: no check of checkout-secondary asks for `evict checkout "
        "in shop`, which the step look-at-the-dashboard of the runbook needs; add to it: `- {name: "
        "may evict checkout, permission: {namespace: shop, workload: checkout, can: evict}}`"
    )
    assert other.startswith("checkout-hand-over.yaml: access: ")
    profile = root / "access" / "checkout-secondary.yaml"
    profile.write_text(profile.read_text() + line.split("`")[3].replace("- {", "  - {") + "\n")
    assert told(root) == [], "the check that it names mends it"


@pytest.mark.parametrize(
    ("check", "asks"),
    [
        ("permission: {namespace: shop, workload: checkout, can: evict}", True),
        ("permission: {namespace: shop, workload: other, can: evict}", False),
        ("permission: {namespace: shop, workload: checkout, can: restart}", False),
        ("kubernetes: {verb: create, resource: pods, subresource: eviction}", True),
        ("kubernetes: {verb: delete, resource: pods, namespace: shop}", True),
        ("kubernetes: {verb: delete, resource: pods, namespace: other}", False),
        ("kubernetes: {verb: get, resource: pods, namespace: shop}", False),
        ("command: {run: [may, evict]}", True),
        ("command: {run: [may, scale]}", False),
        ("http: {url: 'http://127.0.0.1/evict'}", False),
    ],
)
def test_what_asks_for_an_action(root: Path, check: str, asks: bool) -> None:
    (root / "checkout-hand-over.yaml").unlink()
    evicting(root)
    profile = root / "access" / "checkout-secondary.yaml"
    profile.write_text(f"{profile.read_text()}  - name: x\n    {check}\n")
    assert len(told(root)) == (0 if asks else 1)


def test_a_drill_without_an_access_profile_asks_for_nothing(root: Path) -> None:
    (root / "checkout-hand-over.yaml").unlink()
    edit(root / DRILL, "access: checkout-secondary\n", "")
    edit(root / DRILL, "  access_failures: 0\n", "")
    lines = told(root)
    needed = {f"{action} checkout in shop" for action in ("view", "lift-throttle", "scale")}
    assert {line.split("`")[1] for line in lines} == needed
    assert all(": runbook: no access check asks for " in line for line in lines)


@pytest.mark.parametrize(("lasts", "short"), [("3s", True), ("3500ms", False)])
def test_a_drill_that_ends_before_the_secondary_is_paged(
    root: Path, lasts: str, short: bool
) -> None:
    edit(root / DRILL, "duration: 2m", f"duration: {lasts}")
    expected = (
        "checkout-degraded.yaml: limits.duration: the drill ends after 3s, and the policy of "
        "sandbox pages the secondary after 3s at the earliest: nothing can be proved; "
        "let it last longer, or the levels before wait less"
    )
    assert told(root) == [expected] * short


def test_the_environments_limit_may_be_what_ends_it(root: Path) -> None:
    edit(root / "environments" / "sandbox.yaml", "limits: {pods: 50%}", "limits: {duration: 2s}")
    assert [line.partition(", and")[0] for line in told(root)] == [
        "checkout-degraded.yaml: limits.duration: the drill ends after 2s"
    ], "the primary may hand over at any time in the other one"


def test_what_is_broken_is_no_warning(root: Path) -> None:
    (root / BOOK).write_text("")
    assert told(root, date(2030, 1, 1)) == []
