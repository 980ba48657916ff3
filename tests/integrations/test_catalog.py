"""The catalog's data: what pages, rules and the provider rely on."""

import hashlib
from typing import Any

from checks.rules import CHECKS
from integrations.catalog import CATALOG, XERO, XERO_LEVELS


def test_xero_is_in_the_catalog() -> None:
    assert CATALOG["xero"] is XERO
    assert (XERO.name, XERO.provider) == ("Xero", "truto")


def test_every_check_has_its_reference_procedure() -> None:
    assert [each.check for each in XERO.references] == [check.id for check in CHECKS]
    assert all(each.procedure for each in XERO.references)


def test_permission_table_names_only_checks_that_exist_and_covers_those_that_read() -> None:
    named = {check for row in XERO.permissions for check in row.checks}
    assert named == {check.id for check in CHECKS if check.needs_list}
    assert all(row.endpoint.startswith("GET ") for row in XERO.permissions)


def test_any_documented_role_is_what_an_unnarrowed_org_role_allows() -> None:
    assert next(iter(XERO.shorthands)) == "Any documented role"
    assert XERO.shorthands["Any documented role"] == XERO_LEVELS.grantable


def test_shorthands_hold_no_unclear_role() -> None:
    unclear = XERO_LEVELS.undetermined | XERO_LEVELS.no_access
    assert unclear == {"UNKNOWN", "REMOVED"}
    assert not any(levels & unclear for levels in XERO.shorthands.values())


def test_order_is_that_of_xero_and_leaves_partner_roles_apart() -> None:
    lower = XERO_LEVELS.is_lower
    assert lower("READONLY", than="STANDARD")
    assert lower("INVOICEONLY", than="FINANCIALADVISER")
    assert lower("STANDARD", than="FINANCIALADVISER")
    assert not lower("READONLY", than="INVOICEONLY")
    assert not lower("STANDARD", than="STANDARD")
    assert not any(lower(each, than="FINANCIALADVISER") for each in ("CASHBOOKCLIENT", "ADMIN"))


def test_roles_are_named_as_on_screen_and_unknown_ones_quoted() -> None:
    assert XERO_LEVELS.name("FINANCIALADVISER") == "Adviser"
    assert XERO_LEVELS.name("ADMIN") == "Unrecognised role (ADMIN)"
    assert XERO_LEVELS.name("") == "No role given"


def test_acknowledgment_is_named_by_its_digest() -> None:
    wording = XERO.acknowledgment
    assert wording.digest == hashlib.sha256(wording.text.encode()).hexdigest()


def test_scope_that_allows_more_than_reading_is_told() -> None:
    assert XERO.excess_scopes(["offline_access", "accounting.settings.read"]) == ()
    assert XERO.excess_scopes(["accounting.settings", "offline_access"]) == ("accounting.settings",)
    assert XERO.scope_name("accounting.settings") == "View and change the organisation's settings"
    assert XERO.scope_name("something.new") == "something.new"


def test_link_goes_to_the_users_of_the_organisation(settings: Any) -> None:
    settings.SANDBOX = False
    (link,) = XERO.links("!aB3dE")
    assert link.url == (
        "https://go.xero.com/organisationlogin/default.aspx"
        "?shortcode=%21aB3dE&redirecturl=%2FSettings%2FUsers"
    )
    (general,) = XERO.links()
    assert general.url == "https://go.xero.com/Settings/Users"


def test_link_of_a_sandbox_never_leads_to_the_product(settings: Any) -> None:
    settings.SANDBOX, settings.TRUTO_APP_BASE_URL = True, "http://localhost:8001"
    assert {link.url for link in (*XERO.links("!aB3dE"), *XERO.links())} == {
        "http://localhost:8001/Settings/Users"
    }


def test_removal_warns_of_subscriber_connector_practice_and_invitations() -> None:
    told = {each.applies_to for each in XERO.removal_warnings}
    assert told == {"subscriber", "connector", "practice", "everyone"}
