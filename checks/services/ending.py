"""Words about a task that ends because nothing is judged of its subject any more."""

from collections.abc import Sequence

from checks.facts import SystemFacts
from people import selectors as people

Subject = tuple[str, str]  # kind and id


def words(gone: Sequence[Subject], facts: SystemFacts) -> dict[Subject, str]:
    """For each subject why its task ends; they follow the subject's label."""
    persons = [pk for kind, pk in gone if kind == "person"]
    merged = people.merged_into(persons)
    staying = {each.id for each in facts.people if each.access_ends_at is None} if persons else ()
    told = dict.fromkeys(gone, "is no longer in the user list")
    for pk in persons:
        told["person", pk] = "has no account here any more that is known as theirs"
        if pk in staying:
            told["person", pk] = "is not leaving any more"
        if pk in merged:
            told["person", pk] = f"was merged into {merged[pk]}, who has their accounts now"
    return told
