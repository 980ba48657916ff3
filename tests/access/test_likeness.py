"""The index of suggestions that is kept: followed person by person, it is what a new one would be."""

from random import Random

import pytest

from access.facts import candidates
from access.matching import Candidate, PeopleIndex
from access.selectors.likeness import people_index
from people import services as people

NAMES = ("Alex One", "Alex Two", "One, Alex", "Bo One", "Bo", "")
BOXES = ("alex.one", "alexone", "alex.one+x", "bo", "info", "a.one")


def anybody(number: int, chance: Random) -> Candidate:
    emails = [f"{chance.choice(BOXES)}@{chance.choice('ab')}.test" for _ in range(4)]
    have, had = chance.randrange(3), chance.randrange(3)
    return Candidate(
        str(number), chance.choice(NAMES), tuple(emails[:have]), tuple(emails[have : have + had])
    )


def said(index: PeopleIndex) -> dict[str, object]:
    """Everything that the index holds."""
    blocks = {name: getattr(value, "_ids", None) for name, value in vars(index).items()}
    return {
        name: value if ids is None else {key: value.of(key) for key in ids}
        for (name, value), ids in zip(vars(index).items(), blocks.values(), strict=True)
    }


def test_index_that_followed_changes_is_a_new_one_and_leaves_the_old_one_alone() -> None:
    chance = Random(5)
    for _ in range(300):
        before = [anybody(number, chance) for number in range(8)]
        index = PeopleIndex(before)
        changed = {str(chance.randrange(10)) for _ in range(3)}
        new = [anybody(int(each), chance) for each in changed if chance.random() < 0.8]
        found = index.with_people(new, gone=changed)
        rest = [each for each in before if each.id not in changed]
        assert said(found) == said(PeopleIndex([*rest, *new]))
        assert said(index) == said(PeopleIndex(before))


@pytest.mark.django_db
def test_changes_of_a_few_people_are_read_for_them_alone(
    workspace, by, django_assert_max_num_queries
):
    for number in range(3):
        people.add(workspace, name=f"Example {number}", email=f"e{number}@example.test", by=by)
    first = people_index(workspace)
    staff = people.add(workspace, name="Alex One", email="alex@example.test", by=by)
    people.add_alias(staff, address="al@example.test", by=by)
    with django_assert_max_num_queries(5):
        second = people_index(workspace)
    assert str(staff.pk) not in first.people
    assert said(second) == said(PeopleIndex(candidates(workspace)))
    people.withdraw_alias(staff, address="al@example.test", by=by)
    role = people.create_org_role(workspace, name="Clerk", by=by)
    people.set_org_roles(staff, org_roles=[role], by=by)
    assert said(people_index(workspace)) == said(PeopleIndex(candidates(workspace)))
    with django_assert_max_num_queries(1):
        people_index(workspace)


@pytest.mark.django_db
def test_merge_and_list_are_read_as_a_whole(workspace, by):
    one, two = (
        people.add(workspace, name="Alex One", email=f"{box}@example.test", by=by)
        for box in ("alex", "a.one")
    )
    people_index(workspace)
    people.merge(one, duplicate=two, by=by)
    assert said(people_index(workspace)) == said(PeopleIndex(candidates(workspace)))
    rows = [{"name": f"Row {n}", "email": f"row{n}@example.test"} for n in range(3)]
    people.upsert(workspace, rows, by=by)
    assert said(people_index(workspace)) == said(PeopleIndex(candidates(workspace)))
