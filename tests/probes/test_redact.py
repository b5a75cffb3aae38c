from base64 import b64encode, urlsafe_b64encode
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drillmaster.probes.redact import LONGEST, message, redact

SECRETS = st.lists(st.text(alphabet="abcdefg+/%:é", min_size=4, max_size=12), max_size=4)


@given(SECRETS, st.lists(st.booleans(), min_size=4, max_size=4))
def test_no_secret_is_left(secrets: list[str], encoded: list[bool]) -> None:
    parts = [
        quote(secret, safe="") if as_url else secret
        for secret, as_url in zip(secrets, encoded, strict=False)
    ]
    said = redact(" - ".join(parts), secrets)
    assert not any(secret in said or quote(secret, safe="") in said for secret in secrets)


@given(st.text(), SECRETS)
def test_a_message_is_one_short_printable_line(text: str, secrets: list[str]) -> None:
    said = message(text, secrets)
    assert said == "" or said.isprintable()
    assert len(said) <= LONGEST


def test_an_empty_secret_hides_nothing() -> None:
    assert redact("text", [""]) == "text"


@pytest.mark.parametrize(
    "said",
    [
        "401 for https://api.example/v1?token=hunter2-abc&x=1",
        "401 for https://ana:hunter2-abc@api.example/v1",
        "Authorization: Bearer hunter2-abc refused",
        "{'api_key': 'hunter2-abc'} is no key",
        'login failed, PGPASSWORD="hunter2-abc"',
        "AWS_SECRET_ACCESS_KEY=hunter2-abc",
        "password: hunter2-abc",
    ],
)
def test_what_looks_like_a_secret_that_nobody_named(said: str) -> None:
    left = message(said, [])
    assert "hunter2" not in left
    assert "***" in left
    assert left.startswith(said[:4])


@pytest.mark.parametrize("said", ["no token was given", "mended, and yet", "http://x/a?b=c@d"])
def test_what_does_not_look_like_one(said: str) -> None:
    assert message(said, []) == said


def test_a_secret_in_base64() -> None:
    secret = "hunter2 and >>> more ???"
    for encode in (b64encode, urlsafe_b64encode):
        encoded = encode(secret.encode()).decode()
        assert redact(f"basic {encoded}", [secret]).strip("=") == "basic ***"
