"""Pages that are asked again while something goes on: sent only where they differ."""

import pytest
from django.urls import reverse

from access import services as access
from checks.models import Task
from tests import given

pytestmark = pytest.mark.django_db


@pytest.fixture
def system(workspace, admin, by):
    books = given.connection(workspace, connected_by=admin)
    given.read(books, [given.row("Owner Person", subscriber=True), given.row("Guest")])
    return access.add_system(workspace, integration="xero", connection=books, user=admin, by=by)


@pytest.fixture
def pages(system):
    """Every page that follows, by one world."""
    task = Task.objects.filter(check_id="user_identified").first()
    return [
        reverse("access:systems"),
        reverse("access:system", args=[system.pk]),
        reverse("access:task", args=[task.pk]),
        reverse("integrations:connection", args=[system.connection_id]),
    ]


def test_page_that_did_not_change_is_not_sent_again(pages, admin_client):
    for page in pages:
        first = admin_client.get(page)
        again = admin_client.get(page, headers={"if-none-match": first["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert "no-store" in first["Cache-Control"]


def test_page_follows_only_while_a_list_is_read_and_is_sent_with_its_news(
    pages, system, admin_client
):
    quiet = [admin_client.get(page) for page in pages]
    given.request(system.connection)
    seen = [{"if-none-match": each["ETag"]} for each in quiet]
    busy = [admin_client.get(page, headers=each) for page, each in zip(pages, seen, strict=True)]
    assert {each.status_code for each in busy} == {200}
    assert all(b"js/follow.js" in each.content for each in quiet)
    assert [b"data-follow" in each.content for each in (*quiet, *busy)] == [False] * 4 + [True] * 4
