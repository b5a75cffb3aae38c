import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drillmaster.intake.tokens import Grant, TokenError, Tokens

TOKENS = Tokens(b"k" * 32)
GRANTS = st.builds(Grant, st.text(), st.none() | st.text())


@given(grant=GRANTS, expires=st.integers(1, 2**40))
def test_a_token_gives_back_what_it_was_made_of(grant: Grant, expires: int) -> None:
    token = TOKENS.sign(grant, expires)
    assert TOKENS.read(token, expires - 1) == grant
    with pytest.raises(TokenError, match="expired"):
        TOKENS.read(token, expires)


@given(grant=GRANTS)
def test_a_token_fits_into_a_path(grant: Grant) -> None:
    allowed = set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")
    assert set(TOKENS.sign(grant, 10)) <= allowed


@given(grant=GRANTS, data=st.data())
def test_no_character_can_be_changed(grant: Grant, data: st.DataObject) -> None:
    token = TOKENS.sign(grant, 10)
    at = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.characters().filter(lambda c: c != token[at]))
    with pytest.raises(TokenError, match="not valid"):
        TOKENS.read(token[:at] + other + token[at + 1 :], 0)


@given(text=st.text())
def test_nonsense_is_no_token(text: str) -> None:
    with pytest.raises(TokenError, match="not valid"):
        TOKENS.read(text, 0)


@given(grant=GRANTS)
def test_another_key_does_not_open_it(grant: Grant) -> None:
    with pytest.raises(TokenError, match="not valid"):
        Tokens(b"x" * 32).read(TOKENS.sign(grant, 10), 0)


@given(one=GRANTS, two=GRANTS)
def test_parts_of_two_tokens_make_no_third(one: Grant, two: Grant) -> None:
    first, second = TOKENS.sign(one, 10), TOKENS.sign(two, 10)
    if first != second:
        with pytest.raises(TokenError, match="not valid"):
            TOKENS.read(f"{first.partition('.')[0]}.{second.partition('.')[2]}", 0)


def test_a_forged_grant_needs_the_key() -> None:
    payload = base64.urlsafe_b64encode(b'["inc-1","ana",9999999999]').decode().rstrip("=")
    for forged in (payload, f"{payload}.", f"{payload}.{payload}"):
        with pytest.raises(TokenError, match="not valid"):
            TOKENS.read(forged, 0)
