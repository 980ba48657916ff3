"""Reading Truto's objects when fields are missing, doubled, foreign or hostile."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.providers.base import Malformed
from integrations.providers.truto import reading

NATIVE = {
    "UserID": "u-native",
    "EmailAddress": "native@example.test",
    "FirstName": "Native",
    "LastName": "Name",
    "UpdatedDateUTC": "/Date(1741083072000+0000)/",
    "IsSubscriber": True,
    "OrganisationRole": "STANDARD",
}
MARCH = datetime(2025, 3, 4, 10, 11, 12, tzinfo=UTC)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3)
    ),
    max_leaves=8,
)


def test_account_without_unified_fields_reads_the_products_own() -> None:
    found = reading.account({"remote_data": NATIVE})

    assert (found.external_id, found.email, found.name) == (
        "u-native", "native@example.test", "Native Name",
    )  # fmt: skip
    assert (found.level, found.is_subscriber) == ("STANDARD", True)


def test_account_prefers_unified_fields() -> None:
    found = reading.account(
        {
            "id": "u-1",
            "name": "Unified",
            "emails": [{"email": "unified@example.test"}],
            "roles": [{"id": "READONLY", "name": "READONLY"}],
            "updated_at": "2025-01-01T00:00:00.000Z",
            "remote_data": NATIVE,
        }
    )

    assert (found.external_id, found.name, found.email) == (
        "u-1",
        "Unified",
        "unified@example.test",
    )
    assert found.level == "READONLY"


def test_account_with_nothing_but_an_id_is_enough() -> None:
    found = reading.account({"id": "u-1"})

    assert (found.name, found.email, found.level) == ("", None, "")
    assert found.is_subscriber is False


@pytest.mark.parametrize("bad", [None, "", 7, True, [], {}, "a\x00b", "a\nb", "\ud800", "x" * 101])
def test_account_without_usable_id_is_malformed(bad: object) -> None:
    with pytest.raises(Malformed):
        reading.account({"id": bad})


def test_account_takes_the_primary_address() -> None:
    emails: list[Any] = [None, {"email": "b@example.test"}]
    emails.append({"email": " a@example.test ", "is_primary": True})

    assert reading.account({"id": "u", "emails": emails}).email == "a@example.test"


def test_account_never_cuts_an_address_into_another() -> None:
    long = "x" * 400 + "@example.test"

    assert reading.account({"id": "u", "emails": [{"email": long}]}).email is None


@pytest.mark.parametrize(
    ("roles", "raw", "level"),
    [
        ([{"id": "STANDARD", "name": "STANDARD"}], "STANDARD", "STANDARD"),
        ([{"id": "STANDARD", "name": "Standard user"}], "STANDARD", "STANDARD"),
        ([{"id": "0123", "name": "STANDARD"}], "STANDARD", "STANDARD"),
        ([{"id": "STANDARD"}], None, "STANDARD"),
        ([{"name": "STANDARD"}], None, "STANDARD"),
        ([], "READONLY", "READONLY"),
        (None, "READONLY", "READONLY"),
        (["READONLY", None], "STANDARD", "STANDARD"),
        ([{"name": "A"}, {"name": "B"}], "FINANCIALADVISER", "FINANCIALADVISER"),
        ([{"name": "A"}, {"name": "B"}], None, "A"),
        ([{"name": "A"}], "B", "A"),
        (None, None, ""),
        (None, "REMOVED", "REMOVED"),
    ],
)
def test_level_is_the_role_as_stated(roles: Any, raw: str | None, level: str) -> None:
    row = {"id": "u", "roles": roles, "remote_data": {"OrganisationRole": raw}}

    assert reading.account(row).level == level


@pytest.mark.parametrize("value", [None, 1, "true", "yes", [], False])
def test_subscriber_needs_a_plain_true(value: object) -> None:
    assert (
        reading.account({"id": "u", "remote_data": {"IsSubscriber": value}}).is_subscriber is False
    )


def test_text_is_made_fit_for_a_database() -> None:
    found = reading.account({"id": "u", "name": "A\x00lex \ud800 One "})

    assert "\x00" not in found.name
    assert found.name.encode("utf-8")
    assert len(reading.text("x" * 10_000)) == reading.LONGEST_TEXT


@given(
    st.dictionaries(
        st.sampled_from(
            ["id", "name", "first_name", "emails", "roles", "updated_at", "remote_data"]
        ),
        anything,
    )
)
def test_account_of_any_shape_is_read(row: dict[str, Any]) -> None:
    row["id"] = "u-1"

    found = reading.account(row)

    assert f"{found.name}{found.level}{found.email}".encode()
    assert "\x00" not in f"{found.name}{found.level}{found.email}"


@given(st.dictionaries(st.sampled_from(
    ["tenant_id", "status", "integration", "context", "last_error", "last_forbidden_error"]),
    anything))  # fmt: skip
def test_connection_of_any_shape_is_read(row: dict[str, Any]) -> None:
    found = reading.connection({**row, "id": "c-1"})

    assert found.ref == "c-1"
    assert found.nonce is None or isinstance(found.nonce, str)


def test_connection_keeps_no_credentials() -> None:
    context = {"oauth": {"token": {"access_token": "SECRET"}, "scope": "a b"}, "connect_nonce": "n"}

    found = reading.connection({"id": "c", "context": context})

    assert found.granted_scopes == ("a", "b")
    assert found.nonce == "n"
    assert "SECRET" not in f"{found!r}{found.context}"


@pytest.mark.parametrize("flag", [True, "true", 1, "no"])
def test_connection_of_a_sandbox_is_marked(flag: object) -> None:
    assert reading.connection({"id": "c", "is_sandbox": flag}).is_sandbox is True


def test_organisation_falls_back_to_the_products_own() -> None:
    native = {"OrganisationID": "o-1", "Name": "Native", "ShortCode": "!abc"}

    found = reading.organisation({"remote_data": native})

    assert (found.id, found.name, found.short_code) == ("o-1", "Native", "!abc")


def test_organisation_without_id_is_malformed() -> None:
    with pytest.raises(Malformed):
        reading.organisation({"name": "Nameless"})


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2025-03-04T10:11:12.000Z", MARCH),
        ("2025-03-04T10:11:12Z", MARCH),
        ("2025-03-04 10:11:12", MARCH),
        ("2025-03-04T10:11:12", MARCH),
        ("2025-03-04T23:11:12+13:00", MARCH),
        ("/Date(1741083072000+0000)/", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("2025-13-01T00:00:00Z", None),
        ("yesterday", None),
        ("", None),
        (1741083072, None),
        (None, None),
    ],
)
def test_moment_is_read_in_every_known_form(value: object, expected: datetime | None) -> None:
    assert reading.moment(value) == expected


WITHIN = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1))


@given(WITHIN, st.integers(-12, 14))
def test_moment_keeps_the_instant_of_iso_text(naive: datetime, hours: int) -> None:
    at = naive.replace(tzinfo=UTC)
    offset = at.astimezone(timezone(timedelta(hours=hours)))

    assert reading.moment(at.isoformat()) == at
    assert reading.moment(offset.isoformat()) == at
    assert reading.moment(naive.isoformat(sep=" ")) == at


@given(st.text())
def test_moment_of_any_text_is_an_instant_or_none(value: str) -> None:
    found = reading.moment(value)

    assert found is None or found.tzinfo is UTC
