"""What is said of definitions that do not fit, and about which place."""

import re
from pathlib import Path

import pytest

from drillmaster.definitions.access import AccessProfile
from drillmaster.definitions.base import Model
from drillmaster.definitions.drill import Drill
from drillmaster.definitions.environment import Environment
from drillmaster.definitions.errors import DefinitionError, Problem, closest, listed
from drillmaster.definitions.validate import validate
from drillmaster.definitions.yaml_text import parse
from drillmaster.errors import ExitCode, InvalidError
from tests.support.definitions import EXAMPLES, SHIPPED, place_of

DRILL = (SHIPPED / "checkout-degraded.yaml").read_text()
ENVIRONMENT = (SHIPPED / "environments/sandbox.yaml").read_text()
ACCESS = (EXAMPLES / "access/checkout-on-call.yaml").read_text()


def told(text: str, model: type[Model]) -> list[str]:
    with pytest.raises(DefinitionError) as caught:
        validate(parse(text, Path("x.yaml")), model)
    assert str(caught.value) == "\n".join(map(str, caught.value.problems))
    return str(caught.value).replace("x.yaml:", "").splitlines()


def check(text: str, model: type[Model], case: tuple[str, str, str, str]) -> None:
    old, new, at, message = case
    assert old in text
    changed = text.replace(old, new, 1)
    assert told(changed, model) == [f"{place_of(changed, at)}: {message}"]


SHARE = "write it as 30%, from 0% to 100%"
DURATION = "write it as 20s, 5m, 1h30m or 800ms"
NAME = "a name has lower-case letters, digits and dashes, at most 63"
MODES = "F1, F2, F3, F4, F5, F6, F7, F8, F9 or F10"
TITLE = re.search("title: .*", DRILL)[0]  # type: ignore[index]  # every drill has one


@pytest.mark.parametrize(
    ("old", "new", "at", "message"),
    [
        ("kill:", "kil:", "kil:", "faults.0.pod-churn.kil: unknown key; did you mean 'kill'?"),
        (
            *("pod-churn:", "pod_churn:", "pod_churn:"),
            "faults.0.pod_churn: unknown key; did you mean 'pod-churn'?",
        ),
        (
            *("every:", "For:", "For:"),
            "faults.0.pod-churn.For: unknown key; did you mean 'for'?",
        ),
        (
            *("every:", "for_:", "for_:"),
            "faults.0.pod-churn.for_: unknown key; did you mean 'for'?",
        ),
        (
            *("by: drill", "zzz: 1, by: drill", "zzz:"),
            "faults.2.unreachable-primary.zzz: unknown key; known here: by",
        ),
        (
            *("engage:", "engaeg:", "engaeg:"),
            "escalation.engaeg: unknown key; did you mean 'engage'?",
        ),
        (
            *("  summary: checkout refuses most requests\n", "", "escalation:"),
            "escalation.summary: is missing",
        ),
        ("schema: drillmaster/v1\n", "", "kind: drill", "schema: is missing"),
        (
            *("kill: 30%", "kill: 0.3", "0.3"),
            f"faults.0.pod-churn.kill: 0.3 is no share; {SHARE}",
        ),
        (
            *("every: 5s", "every: 5", "5}"),
            f"faults.0.pod-churn.every: 5 is no duration; {DURATION}",
        ),
        (
            *("every: 5s", "every: [5s]", "[5s]"),
            f"faults.0.pod-churn.every: a list is no duration; {DURATION}",
        ),
        (
            *("pods: 50%", "pods: ~", "~}"),
            f"limits.pods: an empty value is no share; {SHARE}",
        ),
        (
            *("engage: timeout", "engage: Hand_Over", "Hand_Over"),
            (
                "escalation.engage: 'Hand_Over' is not timeout, hand-over or at-once; "
                "did you mean 'hand-over'?"
            ),
        ),
        (
            *("[F1, F3, F6]", "[F1, F33]", "F33"),
            f"exercises.1: 'F33' is not {MODES}; did you mean 'F3'?",
        ),
        (
            *("real_incident: true", "real_incident: false", "false"),
            "abort_when.0.real_incident: must be true",
        ),
        (
            *("access_failures: 0", "access_failures: true", "true"),
            "targets.access_failures: must be a whole number, not true",
        ),
        (
            *("access_failures: 0", "access_failures: 0.5", "0.5"),
            "targets.access_failures: must be a whole number, not a number",
        ),
        (
            *("access_failures: 0", "access_failures: -1", "-1"),
            "targets.access_failures: must be at least 0",
        ),
        (TITLE, "title: 5", "5\n", "title: must be a text, not a number; put it in quotes"),
        (TITLE, "title: ''", "''", "title: must not be empty"),
        (TITLE, f"title: {'x' * 1025}", "xxx", "title: may have 1024 characters at most"),
        ("exercises: [F1, F3, F6]", "exercises: F1", "F1", "exercises: must be a list, not a text"),
        (
            *("limits: {duration: 2m, pods: 50%}", "limits: 2m", "2m"),
            "limits: must be a mapping, not a text",
        ),
        (
            *("name: checkout-degraded", "name: Checkout Degraded", "Checkout Degraded"),
            f"name: 'Checkout Degraded' is no name; {NAME}",
        ),
        (
            *("selector: app=checkout", "selector: checkout", "checkout, kill"),
            (
                "faults.0.pod-churn.selector: 'checkout' is no selector; "
                "a selector is written as app=checkout,tier=web"
            ),
        ),
        (
            "- throttle:",
            "- pod-churn: {namespace: a, selector: a=b, kill: 1%}\n  - throttle:",
            "pod-churn: {namespace: a,",
            "faults.1: two faults are called pod-churn; give one a `name`",
        ),
        (
            *("- throttle:", "- after: churn\n    throttle:", "churn\n"),
            "faults.1.after: 'churn' is neither a duration nor another fault of this drill",
        ),
        (
            "- throttle:",
            (
                "- latency: {namespace: a, selector: a=b, delay: 1s}\n    after: throttle\n"
                "  - after: latency\n    throttle:"
            ),
            "throttle\n  - after",
            (
                "faults.1.after: these faults wait for each other: "
                "latency after throttle after latency"
            ),
        ),
        (
            *("- throttle:", "- after: 5 min\n    throttle:", "5 min"),
            f"faults.1.after: '5 min' is no duration and no name; {DURATION}; or {NAME}",
        ),
        (
            *("- throttle:", "- after: 5\n    throttle:", "5\n    throttle"),
            (
                f"faults.1.after: 5 is no duration, and must be a text, not a number; {DURATION}; "
                "or put it in quotes"
            ),
        ),
        (
            *("engage: timeout", "engage: hand-over", "hand-over\n"),
            (
                "escalation.engage: hand-over needs a primary who acknowledges; "
                "it excludes the fault unreachable-primary"
            ),
        ),
        (
            *("runbook: checkout-degraded\n", "", "100%\n"),
            "targets.runbook_adherence: needs a runbook",
        ),
        (
            *("access: checkout-secondary\n", "", "0\n\nabort_when"),
            "targets.access_failures: needs an access profile",
        ),
        (
            "    http: {",
            "    state: {namespace: a, workload: b, what: database, equals: c}\n    http: {",
            "name: checkout answers",
            (
                "steady_state.0: exactly one of command, http, sql, state is needed; "
                "http and state given"
            ),
        ),
        ("status: 200", "status: 99", "99", "steady_state.0.http.status: must be at least 100"),
        (
            *("at_least: 4", "at_most: 4, equals: x", "{namespace: shop, workload"),
            "steady_state.1.state: exactly one of at_least, at_most, equals is needed",
        ),
    ],
)
def test_problems_of_a_drill(old: str, new: str, at: str, message: str) -> None:
    check(DRILL, Drill, (old, new, at, message))


@pytest.mark.parametrize(
    ("old", "new", "at", "message"),
    [
        (
            *("simulate: prompt", "simulate: promt", "promt"),
            (
                "people.responder-2.simulate: 'promt' is not prompt, late, silent, wrong-person, "
                "bot, hollow, denied, skips, substitutes or doubles; did you mean 'prompt'?"
            ),
        ),
        (
            *("acknowledge: 1s", "acknowledge: nevr", "nevr"),
            (
                "people.responder-1.simulate.acknowledge: 'nevr' is no duration and not never; "
                "did you mean 'never'?"
            ),
        ),
        (
            *("simulate: prompt", "simulate: {by: somebody}", "{by"),
            "people.responder-2.simulate: needs 'somebody', who is nobody of this environment",
        ),
        (
            *("  responder-3:\n", "  Responder 3:\n", "Responder 3"),
            f"people.Responder 3: 'Responder 3' is no name; {NAME}",
        ),
        (
            *("Europe/Lisbon", "Europe/Lisboa", "Europe/Lisboa"),
            (
                "people.responder-2.time_zone: 'Europe/Lisboa' is no time zone; "
                "write it as Europe/Lisbon"
            ),
        ),
        (
            *("Europe/Lisbon", "../../etc/passwd", "../../etc"),
            (
                "people.responder-2.time_zone: '../../etc/passwd' is no time zone; "
                "write it as Europe/Lisbon"
            ),
        ),
        (
            *("{responder-3:", "{responder-9:", "[view"),
            "target.grants.responder-9: is nobody of this environment",
        ),
        (
            *("page: secondary", "page: third", "third"),
            "oncall.policy.1.page: nobody has this role",
        ),
        ("replicas: 4", "replicas: 17", "17", "target.replicas: must be at most 16"),
        (
            *("limits:", "timing: {heartbeat: 9s}\nlimits:", "9s"),
            "timing.heartbeat: must be shorter than lease",
        ),
        (
            *("time_zone: Europe/Lisbon", "contacts: [{channel: chat}]", "chat"),
            "people.responder-2.contacts.0.channel: 'chat' is no channel of this environment",
        ),
    ],
)
def test_problems_of_an_environment(old: str, new: str, at: str, message: str) -> None:
    check(ENVIRONMENT, Environment, (old, new, at, message))


def test_every_problem_is_told_once_and_in_the_files_order() -> None:
    text = DRILL.replace("title:", "titel:").replace("kill: 30%", "kill: x")
    text = text.replace("environment: sandbox\n", "")
    lines = [line.split(": ", 1)[1] for line in told(text, Drill)]
    assert lines == [
        "environment: is missing",
        "titel: unknown key; did you mean 'title'?",
        f"faults.0.pod-churn.kill: 'x' is no share; {SHARE}",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [("", "is empty"), ("- a", "must be a mapping"), ("drill", "must be a mapping")],
)
def test_what_is_no_mapping(text: str, message: str) -> None:
    (line,) = told(text, Drill)
    assert line.startswith(f"1:1: {message}")


@pytest.mark.parametrize("secret", ["hunter2", "12345678", "[hunter2]", "{hunter2: hunter2}"])
def test_a_secret_in_the_place_of_its_reference_is_not_repeated(secret: str) -> None:
    text = ACCESS.replace("password: env:ORDERS_PASSWORD", f"password: {secret}")
    (line,) = told(text, AccessProfile)
    assert "12345678" not in line
    assert "hunter2" not in line
    assert line.startswith(f"{place_of(text, secret)}: checks.4.sql.password: must ")


def test_what_is_too_long_to_show_is_cut() -> None:
    (line,) = told(DRILL.replace("kill: 30%", f"kill: {'x' * 5000}"), Drill)
    assert len(line) < 200
    zone = f"time_zone: {'x' * 5000}"
    (line,) = told(ENVIRONMENT.replace("time_zone: Europe/Lisbon", zone), Environment)
    assert len(line) < 200
    line, _ = told(DRILL.replace("kill:", f"{'k' * 900}:", 1), Drill)
    assert len(line) < 200


def test_the_error_is_an_expected_failure_that_carries_its_problems() -> None:
    problems = [Problem("b", 1, 1, "", "x"), Problem("a", 2, 1, "k", "y", "z")]
    error = DefinitionError([*problems, *problems])
    assert isinstance(error, InvalidError)
    assert error.exit_code is ExitCode.INVALID
    assert str(error) == "a:2:1: k: y; z\nb:1:1: x"
    assert error.problems == problems[::-1]


def test_the_closest_word() -> None:
    assert closest("POD_CHURN", ["latency", "pod-churn"]) == "pod-churn"
    assert closest("xyz", ["latency", "pod-churn"]) is None
    assert closest("a" * 1_000_000, ["a"]) is None


def test_lists_of_words() -> None:
    assert listed([]) == ""
    assert listed(["a"]) == "a"
    assert listed(["a", "b", "c"]) == "a, b or c"
    assert listed(map(str, range(50))).endswith("10, 11, …")
