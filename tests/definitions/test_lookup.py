"""Look-ups: names between braces, and nothing more."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drillmaster.definitions.access import AccessCheck
from drillmaster.definitions.drill import Drill
from drillmaster.definitions.environment import Environment
from drillmaster.definitions.errors import DefinitionError
from drillmaster.definitions.kinds import DRILL, ENVIRONMENT
from drillmaster.definitions.load import load
from drillmaster.definitions.lookup import names_for, names_in, resolve
from drillmaster.definitions.probes import CommandProbe, HttpProbe
from drillmaster.definitions.runbook import Runbook, Step
from tests.support.definitions import SHIPPED

PORTS = {"proxy": 18080, "admin": 18081}


@pytest.fixture(scope="module")
def environment() -> Environment:
    return load(ENVIRONMENT, SHIPPED / "environments" / "sandbox.yaml").model


@pytest.fixture(scope="module")
def drill() -> Drill:
    return load(DRILL, SHIPPED / "checkout-degraded.yaml").model


def page(url: str) -> HttpProbe:
    return HttpProbe(url=url)


def runbook(text: str) -> Runbook:
    return Runbook(
        schema_="drillmaster/v1",
        name="book",
        title="T",
        owner="team",
        reviewed="2026-11-24",  # type: ignore[arg-type]  # read as a day
        service="checkout",
        revision="sha256:" + "0" * 64,
        steps=[Step(id="s", title="S", line=1, text=text)],
    )


def test_what_a_model_looks_up(drill: Drill, environment: Environment) -> None:
    assert names_in(drill) == {"urls.checkout"}
    assert names_in(environment) == {"ports.proxy", "ports.admin"}
    assert names_in(page("http://x")) == frozenset()


def test_addresses_may_hold_ports(drill: Drill, environment: Environment) -> None:
    names = names_for(environment, "checkout", PORTS)
    assert names["urls"]["checkout"] == "http://127.0.0.1:18080"
    resolved = resolve(drill, names)
    assert resolved.steady_state[0].body.url == "http://127.0.0.1:18080/healthz"
    assert resolve(environment, names).urls["dashboard"] == "http://127.0.0.1:18081/dashboard"


def test_a_resolved_model_is_the_same_but_for_its_look_ups(drill: Drill) -> None:
    resolved = resolve(drill, {"urls": {"checkout": "{{ urls.checkout }}"}})
    assert resolved == drill
    assert resolved is not drill


def test_all_names_that_there_are(environment: Environment) -> None:
    names = names_for(environment.model_copy(update={"bridge": "b/{{ service }}"}), "shop", PORTS)
    probe = CommandProbe(
        run=[
            "{{environment}}",
            "{{ service }}",
            "{{  bridge  }}",
            "{{ ports.admin }}",
            "{{ person }}",
        ]
    )
    assert resolve(probe, names).run == ["sandbox", "shop", "b/shop", "18081", "{{ person }}"]
    whose = resolve(probe, {**names, "person": "ana"}, keep=frozenset())
    assert whose.run[-1] == "ana"


def test_a_value_is_put_in_as_it_is() -> None:
    resolved = resolve(page("{{ urls.a }}"), {"urls": {"a": "x{{ urls.b }}", "b": "y"}})
    assert resolved.url == "x{{ urls.b }}"


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("{{ urls.chekout }}", ("url: the look-up 'urls.chekout' has no value; "
         "did you mean 'urls.checkout'?")),
        ("{{ urls }}", "url: the look-up 'urls' has no value"),
        ("{{ urls.checkout.x }}", "url: the look-up 'urls.checkout.x' has no value"),
        ("{{ url.checkout }}", "url: the look-up 'url.checkout' has no value; did you mean"),
        ("{{ person }}", "url: the look-up 'person' has no value; known here: urls.checkout"),
        ("{{ 1 + 1 }}", "url: between {{ and }} stands a name alone; write it as {{ urls.NAME }}"),
        ("{{ urls.checkout | upper }}", "url: between {{ and }} stands a name alone"),
        ("{{ urls.checkout }", "url: between {{ and }} stands a name alone"),
        ("{{ urls['checkout'] }}", "url: between {{ and }} stands a name alone"),
        ("{{ ''.__class__ }}", "url: between {{ and }} stands a name alone"),
        ("{{ urls.__class__ }}", "url: the look-up 'urls.__class__' has no value"),
        ("{{{{ urls.checkout }}}}", "url: between {{ and }} stands a name alone"),
    ],
)  # fmt: skip
def test_what_is_no_look_up(url: str, message: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        resolve(page(url), {"urls": {"checkout": "x"}}, keep=frozenset())
    assert str(caught.value).startswith(message)


def test_what_a_look_up_gives_must_fit() -> None:
    with pytest.raises(DefinitionError, match="url: may have 1024 characters at most"):
        resolve(page("{{ urls.a }}"), {"urls": {"a": "x" * 2000}})


def test_in_prose_only_our_own_names_count() -> None:
    names = {"urls": {"dashboard": "http://d"}}
    text = "Open {{ urls.dashboard }}; helm: {{ .Values.x }} {{ values.x }} {{ include 'x' }}"
    book = runbook(text)
    assert names_in(book) == {"urls.dashboard"}
    assert resolve(book, names).steps[0].text == text.replace("{{ urls.dashboard }}", "http://d")
    with pytest.raises(DefinitionError, match=r"steps\.0\.text: the look-up 'urls\.dashbord' has"):
        resolve(runbook("{{ urls.dashbord }}"), names)


def test_keys_of_mappings_are_no_look_ups() -> None:
    check = AccessCheck(name="x", http=HttpProbe(url="x", headers={"{{ person }}": "{{ person }}"}))
    resolved = resolve(check, {"person": "ana"}, keep=frozenset())
    assert resolved.body.headers == {"{{ person }}": "ana"}


words = st.from_regex(r"[a-z][a-z0-9_-]{0,8}", fullmatch=True)
plain = st.text(st.characters(exclude_characters="{}", exclude_categories=["Cs"]), max_size=12)


@given(st.lists(st.tuples(plain, words), min_size=1, max_size=5), st.dictionaries(words, plain))
def test_every_look_up_is_replaced_and_nothing_else(
    parts: list[tuple[str, str]], values: dict[str, str]
) -> None:
    known = {name: values.get(name, "?") for _, name in parts}
    text = "".join(f"{before}{{{{ urls.{name} }}}}" for before, name in parts)
    probe = CommandProbe(run=[text])
    assert names_in(probe) == {f"urls.{name}" for name in known}
    expected = "".join(before + known[name] for before, name in parts)
    assert resolve(probe, {"urls": known}).run == [expected]


@given(st.text(st.sampled_from([*"{}{} .-_$a1'|urls"]), max_size=30))
def test_any_text_is_resolved_or_refused(text: str) -> None:
    probe = CommandProbe(run=[text])
    try:
        resolved = resolve(probe, {"urls": {"a": "!"}})
    except DefinitionError:
        assert "{{" in text
    else:
        assert resolved.run[0].count("{{") == 0
