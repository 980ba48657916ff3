"""Pages of the catalog: what can be connected, what is, and one product's page."""

from html import unescape

import pytest
from django.urls import reverse

from checks.rules import CHECKS
from integrations.catalog import XERO
from tests import given

pytestmark = pytest.mark.django_db


def page(client, name, *args):
    """The page's text as a person reads it."""
    response = client.get(reverse(f"integrations:{name}", args=args))
    assert response.status_code == 200
    return unescape(response.content.decode())


def test_catalog_offers_xero_with_a_connect_button(admin_client):
    text = page(admin_client, "catalog")
    assert "Available" in text
    assert reverse("integrations:integration", args=["xero"]) in text
    assert "Connect Xero" in text


def test_catalog_of_an_auditor_has_no_connect_button(auditor_client):
    assert "Connect Xero" not in page(auditor_client, "catalog")


def test_connected_without_a_connection_says_what_to_do_next(admin_client):
    assert "Nothing connected yet" in page(admin_client, "connected")


def test_connected_lists_only_the_connections_of_the_workspace(
    workspace, other_workspace, admin_client
):
    given.connection(workspace, "Books of ours")
    given.connection(other_workspace, "Books of others")
    text = page(admin_client, "connected")
    assert "Books of ours" in text
    assert "Books of others" not in text


def test_integration_page_names_every_check_with_its_procedure(admin_client):
    text = page(admin_client, "integration", "xero")
    assert "Sprinto check" in text
    assert "Reference procedure" in text
    assert all(check.title("Xero") in text for check in CHECKS)
    assert all(row.endpoint in text.replace("<wbr>", "") for row in XERO.permissions)


def test_integration_page_asks_for_the_acknowledgment(admin_client):
    text = page(admin_client, "integration", "xero")
    assert XERO.acknowledgment.text in text
    assert "Connect to Xero" in text


def test_integration_page_lets_the_popup_answer(admin_client):
    response = admin_client.get(reverse("integrations:integration", args=["xero"]))
    assert response["Cross-Origin-Opener-Policy"] == "same-origin-allow-popups"


def test_integration_page_of_an_unknown_product_is_absent(admin_client):
    url = reverse("integrations:integration", args=["ledger"])
    assert admin_client.get(url).status_code == 404


@pytest.mark.parametrize("name", ["catalog", "connected"])
def test_catalog_pages_only_read(admin_client, name):
    assert admin_client.post(reverse(f"integrations:{name}")).status_code == 405


def test_catalog_sends_a_visitor_to_the_sign_in(client, workspace):
    assert client.get(reverse("integrations:catalog")).status_code == 302
