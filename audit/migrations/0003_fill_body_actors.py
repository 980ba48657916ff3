"""Write under whom each older event is found, which Verify otherwise reports as filed wrongly."""

import json

from django.db import migrations, models

from audit import guards
from audit.verifying import actor_of

PIECE = 1000


def fill(apps, schema_editor):
    """From the body itself, with the guard of the bodies off for as long as this takes."""
    connection = schema_editor.connection
    if not apps.get_model("audit", "EventBody").objects.using(connection.alias).exists():
        return
    on = " ON audit_eventbody" if connection.vendor == "postgresql" else ""
    schema_editor.execute(f"DROP TRIGGER IF EXISTS audit_body_no_update{on}")
    bodies = apps.get_model("audit", "EventBody").objects.using(connection.alias)
    last = None
    while piece := list(_after(bodies, last)[:PIECE]):
        for body in piece:
            body.actor = actor_of(json.loads(body.text).get("by", {}))
        bodies.bulk_update(piece, ["actor"])
        last = piece[-1].pk
    guards.create(connection.alias)


def _after(bodies, last):
    rows = bodies.filter(actor="").order_by("pk")
    return rows.filter(pk__gt=last) if last else rows


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_body_actor")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
