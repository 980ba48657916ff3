"""Tests of people: addresses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from people.addresses import is_address, normalise


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Alex@Example.TEST", "alex@example.test"),
        ("  alex@example.test\t", "alex@example.test"),
        ("Ame\u0301lie@example.test", "am\u00e9lie@example.test"),
        ("alex@b\u00fccher.test", "alex@XN--bcher-kva.test"),
    ],
    ids=["case", "space", "unicode", "domain"],
)
def test_normalise_of_the_same_address_is_the_same(one, other):
    assert normalise(one) == normalise(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("alex+books@example.test", "alex@example.test"),
        ("a.lex@example.test", "alex@example.test"),
        ("\u0430lex@example.test", "alex@example.test"),
        ("alex@ex\u0430mple.test", "alex@example.test"),
        ("wei\u00df@example.test", "weiss@example.test"),
        ("alex@fa\u00df.test", "alex@fass.test"),
        ("\uff41lex@example.test", "alex@example.test"),
        ("alex@\uff45xample.test", "alex@example.test"),
    ],
    ids=[
        "plus",
        "dot",
        "cyrillic",
        "cyrillic-domain",
        "sharp-s",
        "sharp-s-domain",
        "full-width",
        "full-width-domain",
    ],
)
def test_normalise_of_a_lookalike_is_another(one, other):
    assert normalise(one) != normalise(other)


@given(st.text() | st.emails())
def test_normalise_twice_changes_nothing_more(text):
    assert normalise(normalise(text)) == normalise(text)


@given(st.emails())
def test_normalise_ignores_case_and_space_around(email):
    assert normalise(f" {email.upper()} ") == normalise(email)


@given(st.emails())
def test_normalise_keeps_an_address_an_address(email):
    assert is_address(email) == is_address(normalise(email))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "alex",
        "@example.test",
        "alex@",
        "alex@localhost",
        "a b@example.test",
        "a@b@example.test",
        "alex@-example.test\x00",
        "alex@exa mple.test",
        "x" * 65 + "@example.test",
        "<a@example.test>",
    ],
)
def test_is_address_refuses_what_is_none(text):
    assert not is_address(text)


@pytest.mark.parametrize(
    "text", ["alex@example.test", "o'neil+x@example.test", "am\u00e9lie@b\u00fccher.test"]
)
def test_is_address_takes_real_ones(text):
    assert is_address(text)
