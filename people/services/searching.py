"""Keeps the words that people are found by in step with what is known of them."""

import uuid
from collections import defaultdict
from collections.abc import Collection

from people import words
from people.models import EmailAddress, SearchWord, StaffMember

BATCH = 500


def index_people(staff_ids: Collection[uuid.UUID]) -> None:
    """Within an act: write the words of these people anew; merged records have none."""
    everybody = sorted(staff_ids)
    for start in range(0, len(everybody), BATCH):
        ids = everybody[start : start + BATCH]
        SearchWord.objects.filter(staff__in=ids).delete()
        people = StaffMember.objects.filter(pk__in=ids, merged_into__isnull=True)
        held: defaultdict[uuid.UUID, list[str]] = defaultdict(list)
        rows = EmailAddress.objects.filter(staff__in=ids, until__isnull=True)
        for staff_id, normalised, address in rows.values_list("staff_id", "normalised", "address"):
            held[staff_id] += [normalised, address]
        SearchWord.objects.bulk_create(
            (
                SearchWord(workspace_id=each.workspace_id, staff_id=each.pk, word=word)
                for each in people
                for word in words.of_person(each.name, each.external_id, held[each.pk])
            ),
            batch_size=2000,
        )
