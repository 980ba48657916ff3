"""The gallery page and the pages that say that something is wrong."""

import re

import pytest
from django.template.loader import render_to_string
from django.test import Client


def test_gallery_shows_every_component(client: Client, db, settings):
    settings.DEBUG = True
    page = client.get("/gallery/")
    assert page.status_code == 200
    html = page.content.decode()
    for word in (
        "Special case",
        "due tomorrow",
        "2 days overdue",
        "This field is required.",
        "Copy",
    ):
        assert word in html


def test_gallery_outside_debug_is_not_there(client: Client, db, settings):
    settings.DEBUG = False
    assert client.get("/gallery/").status_code == 404


def test_gallery_ties_errors_and_help_to_their_inputs(client: Client, db, settings):
    settings.DEBUG = True
    html = client.get("/gallery/").content.decode()
    ids = set(re.findall(r' id="([^"]+)"', html))
    named = {
        name for group in re.findall(r'aria-describedby="([^"]+)"', html) for name in group.split()
    }
    assert "id_bad-email_error" in named
    assert named <= ids


def test_gallery_has_nothing_inline(client: Client, db, settings):
    settings.DEBUG = True
    html = client.get("/gallery/").content.decode()
    assert not re.search(r"\sstyle=|<style|\son\w+=|<script(?![^>]*\bsrc=)", html)


@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404", "500"])
def test_page_for_what_went_wrong_needs_no_context(name):
    html = render_to_string(f"{name}.html")
    assert "Security Hub</title>" in html
    assert "nothing" in html.lower() or "gone" in html.lower()
    assert 'href="/"' in html


def test_sandbox_mark_is_on_pages_only_while_it_is_on(client: Client, db, settings):
    settings.DEBUG, settings.SANDBOX = True, True
    assert 'aria-label="Sandbox"' in client.get("/gallery/").content.decode()
    settings.SANDBOX = False
    assert 'aria-label="Sandbox"' not in client.get("/gallery/").content.decode()
