"""A drills folder: what is in it, what one drill needs of it, and where it is."""

import shutil
from pathlib import Path

import pytest

from drillmaster.definitions.errors import DefinitionError
from drillmaster.definitions.project import Bundle, Project, find_root, open_bundle
from drillmaster.errors import InvalidError
from tests.support.definitions import EXAMPLES, SHIPPED, copy_of, edit, is_located, place_of

DRILL = "checkout-degraded"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return copy_of(SHIPPED, tmp_path)


def told(root: Path) -> list[str]:
    problems = Project.load(root).problems()
    assert all(map(is_located, problems))
    return [str(problem).replace(f"{root}/", "") for problem in problems]


def refusal(root: Path, drill: str | Path, environment: str | None = None) -> str:
    with pytest.raises(InvalidError) as caught:
        Project.load(root).bundle(drill, environment)
    return str(caught.value).replace(f"{root}/", "")


@pytest.mark.parametrize("folder", [SHIPPED, EXAMPLES])
def test_what_is_shipped_has_no_problem(folder: Path) -> None:
    assert Project.load(folder).problems() == []


@pytest.mark.parametrize("named", [DRILL, f"{DRILL}.yaml", Path(f"{DRILL}.yaml")])
def test_a_drill_by_name_and_by_file(root: Path, named: str | Path) -> None:
    drill = named if named == DRILL else root / named
    bundle = Project.load(root).bundle(drill)
    assert bundle.drill.name == DRILL
    assert bundle.environment.name == "sandbox"
    assert bundle.access is not None
    assert bundle.access.name == "checkout-secondary"
    assert bundle.runbook is not None
    assert bundle.runbook.name == DRILL
    assert bundle.root == root


def test_a_drill_that_needs_neither_access_nor_runbook(root: Path) -> None:
    path = root / f"{DRILL}.yaml"
    edit(path, f"access: checkout-secondary\nrunbook: {DRILL}\n", "")
    edit(path, "  runbook_adherence: 100%\n  access_failures: 0\n", "")
    bundle = Project.load(root).bundle(DRILL)
    assert (bundle.access, bundle.runbook) == (None, None)


def test_every_look_up_is_replaced_once_the_ports_are_known(root: Path) -> None:
    edit(root / "runbooks" / f"{DRILL}.md", "Open the", "At {{ urls.dashboard }}: open the")
    bundle = Project.load(root).bundle(DRILL).resolved({"proxy": 1, "admin": 2})
    assert isinstance(bundle, Bundle)
    assert bundle.environment.urls["checkout"] == "http://127.0.0.1:1"
    assert bundle.drill.steady_state[0].body.url == "http://127.0.0.1:1/healthz"
    assert bundle.access is not None
    assert bundle.access.checks[0].body.url == "http://127.0.0.1:2/dashboard/checkout"
    assert bundle.runbook is not None
    assert bundle.runbook.steps[0].text.startswith("At http://127.0.0.1:2/dashboard: open the")


def test_the_environment_can_be_replaced(root: Path) -> None:
    other = root / "environments" / "other.yaml"
    shutil.copy(root / "environments" / "sandbox.yaml", other)
    edit(other, "name: sandbox", "name: other")
    (root / "environments" / "sandbox.yaml").write_text("broken")
    assert Project.load(root).bundle(DRILL, "other").environment.name == "other"
    assert refusal(root, DRILL, "othre") == (
        "no environment is called 'othre'; did you mean 'other'?"
    )


def test_what_another_drill_needs_may_be_broken(root: Path) -> None:
    (root / "checkout-hand-over.yaml").write_text("!!python/name:os.system x")
    (root / "environments" / "broken.yaml").write_bytes(b"\xff")
    (root / "runbooks" / "broken.md").write_text("")
    assert Project.load(root).bundle(DRILL).drill.name == DRILL
    assert len(told(root)) == 5


def test_a_broken_part_is_told_with_its_own_place(root: Path) -> None:
    edit(root / "access/checkout-secondary.yaml", "checks:", "cheks:")
    place = place_of((root / "access/checkout-secondary.yaml").read_text(), "cheks")
    assert refusal(root, DRILL) == (
        f"access/checkout-secondary.yaml:{place}: cheks: unknown key; did you mean 'checks'?"
    )


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            *("environment: sandbox", "environment: sandbx"),
            "environment: no environment is called 'sandbx'; did you mean 'sandbox'?",
        ),
        (
            *("environment: sandbox", "environment: production"),
            "environment: no environment is called 'production'; there is kubernetes or sandbox",
        ),
        (
            *("access: checkout-secondary", "access: checkout-primary"),
            (
                "access: no access profile is called 'checkout-primary'; "
                "did you mean 'checkout-secondary'?"
            ),
        ),
        (
            *(f"runbook: {DRILL}", "runbook: degraded-checkout"),
            (
                "runbook: no runbook is called 'degraded-checkout'; there is checkout-degraded, "
                "database-unreachable, node-was-drained, pods-keep-dying, release-does-not-start "
                "or upgrade-went-wrong"
            ),
        ),
        (
            *(f"runbook: {DRILL}\n", f"runbook: {DRILL}\n"),
            f"runbook: {DRILL} is for the service 'checkout'; this drill is for 'search'",
        ),
        (
            *('url: "{{ urls.checkout }}', 'url: "{{ urls.chekout }}'),
            (
                "steady_state.0.http.url: the look-up 'urls.chekout' has no value; "
                "did you mean 'urls.checkout'?"
            ),
        ),
        (
            *('url: "{{ urls.checkout }}', 'url: "{{ bridge }}'),
            (
                "steady_state.0.http.url: the look-up 'bridge' has no value; known here: "
                "environment, ports.admin, ports.proxy, service, urls.checkout or urls.dashboard"
            ),
        ),
        (
            *('url: "{{ urls.checkout }}', 'url: "{{ url.checkout }}'),
            "steady_state.0.http.url: nothing is called 'url'; did you mean 'urls'?",
        ),
    ],
)
def test_references_that_lead_nowhere(root: Path, old: str, new: str, message: str) -> None:
    (root / "checkout-hand-over.yaml").unlink()
    path = root / f"{DRILL}.yaml"
    if old == new:
        edit(path, "service: checkout", "service: search")
    edit(path, old, new)
    place = place_of(path.read_text(), new.partition(": ")[2])
    expected = f"{DRILL}.yaml:{place}: {message}"
    if "runbook" in old:  # its name stands further up too, as the drill's own
        line = path.read_text().splitlines().index(new.strip()) + 1
        expected = f"{DRILL}.yaml:{line}:10: {message}"
    assert told(root) == [expected]
    assert refusal(root, DRILL) == expected


def test_what_a_cluster_does_not_list_is_told_with_its_line(root: Path) -> None:
    path = root / "kubernetes-pod-churn.yaml"
    edit(path, "namespace: shop, selector", "namespace: shopp, selector")
    (problem,) = told(root)
    at = place_of(path.read_text(), "shopp")
    assert problem.startswith(f"kubernetes-pod-churn.yaml:{at}: faults.0.pod-churn.namespace: ")
    assert "'shopp' is none that the environment's target lists; did you mean 'shop'?" in problem


def test_nobody_waits_for_an_alert_that_nothing_raises(root: Path) -> None:
    edit(root / f"{DRILL}.yaml", "page: when-effective", "page: by-alert")
    (problem,) = told(root)
    assert "escalation.page: the on-call provider embedded hears of no alert" in problem


def test_the_service_must_be_one_of_the_environments(root: Path) -> None:
    edit(root / "environments" / "sandbox.yaml", "urls:", "services: [checkot]\nurls:")
    assert "service: sandbox does not list the service 'checkout'; did you mean 'checkot'?" in (
        refusal(root, DRILL)
    )


def test_look_ups_of_other_files_are_told_where_they_stand(root: Path) -> None:
    access, book = root / "access/checkout-secondary.yaml", root / f"runbooks/{DRILL}.md"
    environment = root / "environments/sandbox.yaml"
    edit(access, "urls.dashboard", "urls.dashbord")
    edit(book, "Open the", "Open {{ urls.dashbord }}, the")
    edit(environment, "ports.proxy", "ports.prox")
    place = place_of(environment.read_text(), '"http://127.0.0.1:{{ ports.prox ')
    assert told(root) == [
        (
            f"environments/sandbox.yaml:{place}: urls.checkout: the look-up 'ports.prox' has "
            "no value; did you mean 'ports.proxy'?"
        )
    ]
    edit(environment, "ports.prox", "ports.proxy")
    assert [line.partition(": ")[0] for line in told(root)] == [
        f"access/checkout-secondary.yaml:{place_of(access.read_text(), chr(34) + '{{ urls')}",
        f"runbooks/{DRILL}.md:{place_of(book.read_text(), '## Look at')}",
    ]


def test_an_address_cannot_look_up_another(root: Path) -> None:
    edit(root / "environments/sandbox.yaml", "{{ ports.admin }}", "{{ urls.checkout }}")
    (line,) = told(root)
    assert "urls.dashboard: the look-up 'urls.checkout' has no value" in line
    edit(root / "environments/sandbox.yaml", "{{ urls.checkout }}", "{{ ports.admin }}")
    edit(root / "environments/sandbox.yaml", "limits:", 'bridge: "{{ urls.checkout }}/b"\nlimits:')
    bundle = Project.load(root).bundle(DRILL).resolved({"proxy": 7, "admin": 8})
    assert bundle.environment.bridge == "http://127.0.0.1:7/b"


@pytest.mark.parametrize(
    ("source", "target", "part", "message"),
    [
        (
            *("environments/sandbox.yaml", "sandbox.yaml", "environment\n"),
            "kind: is an environment, not a drill; it belongs in the folder environments/",
        ),
        (
            *(f"{DRILL}.yaml", f"access/{DRILL}.yaml", "drill\n"),
            "kind: is a drill, not an access profile; it belongs in the drills folder itself",
        ),
        (
            *(f"{DRILL}.yaml", "other.yaml", f"{DRILL}\n"),
            "name: the file is called other.yaml, so its name is 'other'",
        ),
        (
            *(f"{DRILL}.yaml", "other.yml", "#"),
            "is not read; the file of a drill ends in .yaml",
        ),
        (
            *(f"{DRILL}.yaml", "runbooks/other.yaml", "#"),
            "is not read; the file of a runbook ends in .md",
        ),
    ],
)
def test_what_lies_in_the_wrong_place(
    root: Path, source: str, target: str, part: str, message: str
) -> None:
    shutil.copy(root / source, root / target)
    place = place_of((root / target).read_text(), part)
    assert told(root) == [f"{target}:{place}: {message}"]


def test_what_nobody_would_take_for_a_definition_is_left_alone(root: Path) -> None:
    (root / "README.md").write_text("# Drills")
    (root / ".checkout.yaml").write_text("an editor's")
    (root / "environments" / "README.md").write_text("# Environments")
    (root / "notes").mkdir()
    (root / "notes" / "x.yaml").write_text("whatever")
    assert told(root) == []


@pytest.mark.parametrize(
    ("drill", "message"),
    [
        ("chekout-degraded", ("no drill is called 'chekout-degraded'; "
         "did you mean 'checkout-degraded'?")),
        ("payments", ("no drill is called 'payments'; "
         "there is checkout-degraded, checkout-hand-over, kubernetes-bad-release, "
         "kubernetes-database-unreachable, kubernetes-node-drain, kubernetes-pod-churn or "
         "kubernetes-upgrade")),
        ("{root}/chekout-degraded.yaml", ("there is no file or folder chekout-degraded.yaml; "
         "did you mean 'checkout-degraded.yaml'?")),
        ("{root}/runbooks/checkout-degraded.md", ("runbooks/checkout-degraded.md is no drill: "
         "its name ends in .yaml")),
    ],
)  # fmt: skip
def test_drills_that_do_not_exist(root: Path, drill: str, message: str) -> None:
    assert refusal(root, drill.replace("{root}", str(root))) == message


def test_a_file_that_is_no_drill(root: Path) -> None:
    told = refusal(root, root / "environments/sandbox.yaml")
    assert "kind: is an environment, not a drill; it belongs in the folder environments/" in told


def test_the_root_is_found_from_anywhere_in_it(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for inside in ("", f"{DRILL}.yaml", "environments", "runbooks/checkout-degraded.md"):
        assert find_root(root / inside) == root
    assert find_root(root.parent) == root
    monkeypatch.chdir(root.parent)
    assert find_root() == Path("drills")
    monkeypatch.chdir(root)
    assert find_root() == Path()
    monkeypatch.chdir(root / "environments")
    assert find_root(Path("sandbox.yaml")) == root
    assert find_root() == root


def test_a_drill_beside_no_environment_is_a_root_with_a_problem(tmp_path: Path) -> None:
    shutil.copy(SHIPPED / f"{DRILL}.yaml", tmp_path)
    assert find_root(tmp_path) == find_root(tmp_path / f"{DRILL}.yaml") == tmp_path
    assert "environment: no environment is called 'sandbox'; environments has none" in (
        refusal(tmp_path, DRILL)
    )


def test_where_there_are_no_definitions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for path in (None, tmp_path):
        with pytest.raises(InvalidError, match=r"`drillmaster init` writes first ones"):
            find_root(path)
    (tmp_path / "drills").mkdir()
    with pytest.raises(InvalidError, match="no file or folder dirlls; did you mean 'drills'"):
        find_root(Path("dirlls"))
    with pytest.raises(InvalidError, match="there is no folder nowhere"):
        Project.load(Path("nowhere"))


def test_a_drill_is_opened_from_where_one_stands(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root.parent)
    assert open_bundle(DRILL).drill.name == DRILL
    assert open_bundle(f"drills/{DRILL}.yaml").root == Path("drills")
    monkeypatch.chdir(root)
    assert open_bundle(f"{DRILL}.yaml").drill.name == DRILL
    assert open_bundle(root / f"{DRILL}.yaml", "sandbox").root == root
    edit(root / f"{DRILL}.yaml", "kind: drill", "kind: dril")
    with pytest.raises(DefinitionError):
        open_bundle(DRILL)
