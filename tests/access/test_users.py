"""The tabs "Users" and "History": what they find, mark and cost."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from access import selectors
from access import services as access
from access.models import Account, AccountSpan
from access.selectors import movements
from audit import clock
from people import services as people
from tests import given
from tests.api import Tool
from workspaces import keyset

pytestmark = pytest.mark.django_db
FIRST = [
    given.row("Example Accountant"),
    given.row("Second Login", "example.accountant@example.test"),
    given.row("Owner Person", level="FINANCIALADVISER", subscriber=True),
    given.row("Strange Role", level="PAYROLL_WIZARD"),
]


@pytest.fixture
def books(workspace, admin):
    return given.connection(workspace, connected_by=admin)


@pytest.fixture
def system(workspace, books, admin, by):
    role = people.create_org_role(workspace, name="Accountant", by=by)
    people.add(
        workspace, name="Example Accountant", email="example.accountant@example.test",
        org_roles=[role], by=by,
    )  # fmt: skip
    given.read(books, FIRST)
    made = access.add_system(workspace, integration="xero", connection=books, user=admin, by=by)
    access.save_rule(made, mode="role_based", roles=[access.RoleLevels(role)], user=admin, by=by)
    return made


def names(system, **wanted):
    rows = selectors.users(system, clock.now(), **wanted).order_by("sort_name")
    return [row.name for row in rows]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"search": " ACCOUNTANT@"}, ["Example Accountant", "Second Login"]),
        ({"search": "100%_"}, []),
        ({"level": "FINANCIALADVISER"}, ["Owner Person"]),
        ({"level": "other"}, ["Strange Role"]),
        ({"identified": "staff"}, ["Example Accountant", "Second Login"]),
        ({"identified": "unknown"}, ["Owner Person", "Strange Role"]),
        ({"identified": "not_staff"}, []),
        ({"validity": "valid"}, ["Example Accountant", "Second Login"]),
        ({"validity": "unsure"}, ["Owner Person", "Strange Role"]),
        ({"validity": "invalid"}, []),
        ({"privileged": True}, ["Owner Person"]),
        ({"gone": True}, []),
    ],
)
def test_filter_finds_those_and_nobody_else(wanted, found, system):
    assert names(system, **wanted) == found


def test_role_filter_has_one_choice_for_all_that_says_nothing(system, books, admin_client):
    given.read(books, [*FIRST, given.row("Undetermined", level="UNKNOWN")])
    assert names(system, level="other") == ["Strange Role", "Undetermined"]
    page = admin_client.get(reverse("access:users", args=[system.pk])).content.decode()
    assert "Removed (no access)</option>" in page
    assert "Unknown role</option>" not in page


def test_gone_accounts_are_found_with_the_day_they_were_last_seen(system, books, admin_client):
    seen = books.read_at
    given.read(books, FIRST[:3])
    assert names(system, gone=True) == ["Strange Role"]
    assert Account.objects.get(name="Strange Role").last_seen_at == seen
    assert "Strange Role" not in names(system)
    page = admin_client.get(reverse("access:users", args=[system.pk]), {"present": "gone"})
    assert b"Strange Role" in page.content


def test_second_account_of_one_person_and_privileged_ones_are_marked(system, admin_client):
    text = admin_client.get(reverse("access:users", args=[system.pk])).content.decode()
    assert text.count("<span>Second account") == 2
    assert text.count("<span>Privileged</span>") == 1
    assert text.count("<span>Subscriber</span>") == 1
    assert "business and accounting role only" in text
    assert "multi-factor authentication" in text


@pytest.mark.parametrize("wrong", [{"level": "x"}, {"sort": "x"}, {"page": "x"}, {"q": "x" * 999}])
def test_filter_that_does_not_exist_is_left_out(wrong, system, admin_client):
    response = admin_client.get(reverse("access:users", args=[system.pk]), wrong)
    assert response.status_code == 200
    assert b"Owner Person" in response.content


def test_newest_first_walks_all_pages(system, books):
    given.read(books, [*FIRST, given.row("Fresh Person")])
    keys = selectors.SORTS["newest"]
    rows = selectors.users(system, clock.now())
    page, walked = keyset.page(rows, keys=keys, size=2), []
    while True:
        walked += [row.name for row in page.rows]
        if not page.older:
            break
        page = keyset.page(rows, keys=keys, cursor=page.older, size=2)
    assert walked[0] == "Fresh Person"
    assert sorted(walked) == sorted(names(system))


def told(system, **where):
    return [(each.kind, each.label) for each in selectors.changes(system, **where).rows]


def test_history_tells_who_came_changed_went_and_came_back(system, books):
    raised = given.row("Example Accountant", level="FINANCIALADVISER")
    given.read(books, [raised, *FIRST[1:3]])
    given.read(books, FIRST)
    assert sorted(told(system)[:2]) == [
        ("changed", "Example Accountant"), ("returned", "Strange Role"),
    ]  # fmt: skip
    assert sorted(told(system)[2:4]) == [
        ("changed", "Example Accountant"), ("went", "Strange Role"),
    ]  # fmt: skip
    assert sorted(told(system)[4:]) == sorted(("came", each.name) for each in FIRST)


def test_only_a_raised_role_is_marked_as_raised(system, books):
    given.read(books, [given.row("Example Accountant", level="FINANCIALADVISER"), *FIRST[1:]])
    (up,) = [each for each in selectors.changes(system).rows if each.kind == "changed"]
    assert up.raised
    assert up.said == (("Xero role", "Standard", "Adviser"),)
    given.read(books, FIRST)
    down = next(each for each in selectors.changes(system).rows if each.kind == "changed")
    assert not down.raised


def test_history_shows_when_nobody_looked(system, admin, by, admin_client):
    access.remove_system(system, reason="Sold", by=by)
    access.add_system(
        system.workspace, integration="xero", connection=system.connection, user=admin, by=by
    )
    assert told(system)[:2] == [("resumed", ""), ("stopped", "")]
    for page in ("history", "system"):
        text = admin_client.get(reverse(f"access:{page}", args=[system.pk])).content.decode()
        assert "Not monitored from" in text
        assert "the system was removed: Sold" in text


def test_history_pages_lead_on_and_back_over_every_line_once(system, books):
    for number in range(7):
        given.read(books, [*FIRST, given.row(f"Guest {number}")])
    keys = ("-at", "-id")
    lists = [*movements._of_accounts(system), *movements._of_gaps(system)]
    pages = [keyset.merged(lists, keys=keys, size=4)]
    while pages[-1].older:
        pages.append(keyset.merged(lists, keys=keys, cursor=pages[-1].older, size=4))
    walked = [(row.line, row.pk) for page in pages for row in page.rows]
    assert len(set(walked)) == len(walked) == len(told(system))
    back = keyset.merged(lists, keys=keys, cursor=pages[2].newer, size=4)
    assert [row.pk for row in back.rows] == [row.pk for row in pages[1].rows]


def move(days, **spans):
    """Let these spans have begun (and ended) earlier: the past that a test needs."""
    for span in AccountSpan.objects.filter(**spans):
        span.began_at -= timedelta(days=days)
        span.ended_at = span.ended_at and span.ended_at - timedelta(days=days - 10)
        span.save(update_fields=["began_at", "ended_at"])


def test_who_had_access_on_a_day_is_as_it_was_then(system, books, workspace, admin_client):
    given.read(books, FIRST[:3])
    move(30, account__name="Strange Role")
    now = clock.now()
    for ago, found in ((40, False), (25, True), (5, False), (0, False)):
        rows = selectors.had_access(system, now - timedelta(days=ago))
        assert rows.filter(name="Strange Role").exists() is found, ago
    day = (now - timedelta(days=25)).date().isoformat()
    text = admin_client.get(reverse("access:history", args=[system.pk]), {"on": day})
    assert b"Strange Role" in text.content
    assert b"Owner Person" not in text.content


def test_account_at_a_level_of_no_access_had_none(system, books):
    given.read(books, [*FIRST[:3], given.row("Strange Role", level="REMOVED")])
    rows = selectors.had_access(system, clock.now())
    assert not rows.filter(name="Strange Role").exists()


@pytest.mark.parametrize("on", ["2026-99-99", "0001-01-01", "9999-12-31", "yesterday"])
def test_day_that_is_none_is_answered_in_words(on, system, admin_client):
    response = admin_client.get(reverse("access:history", args=[system.pk]), {"on": on})
    assert response.status_code == 200
    assert b'role="alert"' in response.content


@pytest.mark.parametrize("where", [{}, {"on": "2026-11-01"}, {"sort": "newest", "q": "user"}])
@pytest.mark.parametrize("page", ["users", "history"])
def test_pages_cost_the_same_for_ten_rows_and_for_three_hundred(
    page, where, workspace, books, admin, by, admin_client
):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            assert admin_client.get(reverse(f"access:{page}", args=[made.pk]), where)
        return len(queries)

    given.read(books, [given.row(f"User {n}") for n in range(10)])
    made = access.add_system(workspace, integration="xero", connection=books, user=admin, by=by)
    cost()
    few = cost()
    given.read(books, [given.row(f"User {n}") for n in range(300)])
    assert cost() == few <= 15


def test_users_of_a_system_that_is_not_connected_yet_are_an_empty_list(
    workspace, admin, admin_client, by
):
    waiting = access.add_system(workspace, integration="xero", user=admin, by=by)
    assert admin_client.get(reverse("access:users", args=[waiting.pk])).status_code == 200
    tool = Tool(workspace, admin)
    for path in ("accounts/", "accounts/?at=2026-01-01T00:00:00Z", "history/"):
        answer = tool.get(f"systems/{waiting.pk}/{path}")
        assert answer.json()["results"] == [], path
