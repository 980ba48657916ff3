"""One reading of JSON: what two readers could understand differently is refused."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.providers import strict_json
from integrations.providers.base import Malformed


@pytest.mark.parametrize(
    "body",
    [b"", b" ", b"<html></html>", b"{", b'{"a": 1,}', b"[1] x", b"{'a': 1}", b"\xff\xfe{}",
     b'{"a": "\xff"}', b'{"a": NaN}', b"[Infinity]", b"[-Infinity]", b'{"a": 1, "a": 1}',
     b'{"b": [{"a": 1, "a": 2}]}', b"\xef\xbb\xbf{}", b'{"a": "\x00"}',
     b"[" * 33 + b"]" * 33, b"[" * 100_000, b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
     b"1" * 10_000],
)  # fmt: skip
def test_a_doubtful_document_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        strict_json.read(body)


def test_nesting_up_to_the_limit_is_read() -> None:
    assert strict_json.read(b"[" * 32 + b"]" * 32)


@pytest.mark.parametrize("body", [b"[]", b"1", b"null", b'"text"', b"true"])
def test_an_object_is_wanted(body: bytes) -> None:
    with pytest.raises(Malformed, match="The webhook is not a JSON object"):
        strict_json.read_object(body, what="The webhook")


values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**18), 10**18) | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3)
    ),
    max_leaves=10,
)


@given(values)
def test_a_plain_document_is_read_as_it_is(value: object) -> None:
    assert strict_json.read(json.dumps(value).encode()) == value


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_malformed(body: bytes) -> None:
    with suppress(Malformed):
        strict_json.read(body)
