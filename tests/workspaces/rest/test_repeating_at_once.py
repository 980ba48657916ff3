"""`Idempotency-Key` sent twice at one moment, over real connections of the database that runs here."""

from collections import Counter

import pytest

from audit.models import Event
from people.models import StaffMember
from tests.api import Tool
from tests.committing import admins_of_their_own, together
from workspaces.models import RememberedAnswer

SOMEBODY = {"name": "Pushed Once", "email": "pushed.once@example.test"}
OTHER = {"name": "Other Person", "email": "other.person@example.test"}


@pytest.fixture
def tools(committing, by):
    """Clients of one token, a connection each."""
    workspace, (admin,) = admins_of_their_own(1, by)
    tool = Tool(workspace, admin.user)

    def send(bodies):
        def post(body):
            answer = Tool.of(tool.secret).post("staff/", body, Idempotency_Key="at-once")
            return answer.status_code, answer.content, answer.get("Idempotency-Replayed", "")

        return together([lambda body=body: post(body) for body in bodies])

    return send


@pytest.mark.parametrize("number", [2, 8])
def test_requests_at_once_with_one_key_have_one_effect(tools, number):
    answers = tools([SOMEBODY] * number)
    assert {(status, content) for status, content, _ in answers} == {(201, answers[0][1])}
    assert Counter(again for *_, again in answers) == {"": 1, "true": number - 1}
    assert StaffMember.objects.count() == RememberedAnswer.objects.count() == 1
    assert Event.objects.filter(kind="staff.added").count() == 1


def test_of_two_requests_at_once_with_one_key_the_other_one_is_refused(tools):
    answers = tools([SOMEBODY, OTHER])
    assert sorted(status for status, *_ in answers) == [201, 422]
    (refused,) = [content for status, content, _ in answers if status == 422]
    assert b"belongs to another request" in refused
    assert StaffMember.objects.count() == 1


def test_key_of_a_request_that_is_refused_is_free_for_the_one_that_waits(tools):
    """Both have the same key and body: each is judged by itself, and neither is kept."""
    answers = tools([{"name": "No Address"}] * 4)
    assert {status for status, *_ in answers} == {422}
    assert not RememberedAnswer.objects.exists()
