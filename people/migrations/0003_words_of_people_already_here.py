from collections import defaultdict

from django.db import migrations
from django.db.models import Exists, OuterRef

from people import words

BATCH = 500


def find_people(apps, schema_editor):
    """Write the search words of people who were here before there were any; in batches."""
    staff = apps.get_model("people", "StaffMember").objects
    search_words = apps.get_model("people", "SearchWord")
    addresses = apps.get_model("people", "EmailAddress").objects.filter(until__isnull=True)
    has_words = Exists(search_words.objects.filter(staff=OuterRef("pk")))
    rows = staff.filter(~has_words, merged_into__isnull=True).order_by("pk")
    last = None
    while batch := list((rows.filter(pk__gt=last) if last else rows)[:BATCH]):
        last = batch[-1].pk
        held = defaultdict(list)
        theirs = addresses.filter(staff__in=[each.pk for each in batch])
        for pk, *both in theirs.values_list("staff_id", "normalised", "address"):
            held[pk] += both
        search_words.objects.bulk_create(
            (
                search_words(workspace_id=each.workspace_id, staff_id=each.pk, word=word)
                for each in batch
                for word in words.of_person(each.name, each.external_id, held[each.pk])
            ),
            batch_size=2000,
        )


class Migration(migrations.Migration):
    dependencies = [("people", "0002_searching_merging_importing")]

    operations = [migrations.RunPython(find_people, migrations.RunPython.noop, elidable=True)]
