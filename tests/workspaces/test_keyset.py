"""Tests of workspaces: keyset."""

from datetime import timedelta

import pytest
from django.db.models.functions import Lower

from audit import clock
from people.models import OrgRole
from workspaces import keyset

pytestmark = pytest.mark.django_db
KEYS = ("sort_name", "id")


@pytest.fixture
def roles(workspace):
    now = clock.now()
    OrgRole.objects.bulk_create(
        OrgRole(workspace=workspace, name=f"Role {n:02}", created_at=now) for n in range(7)
    )
    return OrgRole.objects.annotate(sort_name=Lower("name"))


def names(page):
    return [int(role.name[-2:]) for role in page.rows]


@pytest.mark.parametrize(
    ("keys", "expected"),
    [(KEYS, [[0, 1, 2], [3, 4, 5], [6]]), (("-sort_name", "id"), [[6, 5, 4], [3, 2, 1], [0]])],
    ids=["up", "down"],
)
def test_page_walks_on_and_back_over_every_row_once(roles, keys, expected):
    pages = [keyset.page(roles, keys=keys, size=3)]
    while pages[-1].older:
        pages.append(keyset.page(roles, keys=keys, cursor=pages[-1].older, size=3))
    assert [names(page) for page in pages] == expected
    back = keyset.page(roles, keys=keys, cursor=pages[-1].newer, size=3)
    assert names(back) == expected[1]
    first = keyset.page(roles, keys=keys, cursor=back.newer, size=3)
    assert (names(first), first.newer) == (expected[0], "")
    assert first.older


def test_page_of_equal_values_goes_by_the_last_key(workspace, other_workspace):
    OrgRole.objects.create(workspace=workspace, name="Same", created_at=clock.now())
    OrgRole.objects.create(workspace=other_workspace, name="Same", created_at=clock.now())
    rows = OrgRole.objects.annotate(sort_name=Lower("name"))
    one = keyset.page(rows, keys=KEYS, size=1)
    two = keyset.page(rows, keys=KEYS, cursor=one.older, size=1)
    assert {one.rows[0].pk, two.rows[0].pk} == set(rows.values_list("pk", flat=True))


def test_page_that_fits_has_no_links(roles):
    page = keyset.page(roles, keys=KEYS, size=7)
    assert (len(page.rows), page.newer, page.older) == (7, "", "")


def test_page_of_instants_shows_every_row_once(workspace):
    now = clock.now()
    OrgRole.objects.bulk_create(
        OrgRole(
            workspace=workspace,
            name=f"Role {n:02}",
            created_at=now.replace(microsecond=0) + timedelta(microseconds=n),
        )
        for n in range(4)
    )
    keys = ("-created_at", "id")
    one = keyset.page(OrgRole.objects.all(), keys=keys, size=2)
    two = keyset.page(OrgRole.objects.all(), keys=keys, cursor=one.older, size=2)
    assert (names(one), names(two)) == ([3, 2], [1, 0])


@pytest.mark.parametrize("cursor", ["", "rubbish", "é", "a:b:c", "'; drop table"])
def test_page_of_a_made_up_cursor_is_the_first(roles, cursor):
    assert names(keyset.page(roles, keys=KEYS, cursor=cursor, size=3)) == [0, 1, 2]


def test_page_of_a_cursor_of_another_list_is_the_first(roles):
    foreign = keyset.page(roles, keys=("id",), size=3).older
    assert names(keyset.page(roles, keys=KEYS, cursor=foreign, size=3)) == [0, 1, 2]
    foreign = keyset.page(roles, keys=("sort_name", "name"), size=3).older
    assert names(keyset.page(roles, keys=KEYS, cursor=foreign, size=3)) == [0, 1, 2]


def test_page_after_the_last_row_has_gone_is_the_first(roles):
    cursor = keyset.page(roles, keys=KEYS, size=6).older
    roles.filter(name="Role 06").delete()
    assert names(keyset.page(roles, keys=KEYS, cursor=cursor, size=3)) == [0, 1, 2]
