import django.db.models.deletion
from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def name_the_connection(apps, schema_editor):
    """Spans that were written before: their account's connection is theirs."""
    spans, accounts = apps.get_model("access", "AccountSpan"), apps.get_model("access", "Account")
    theirs = accounts.objects.filter(pk=OuterRef("account_id")).values("connection_id")[:1]
    spans.objects.filter(connection__isnull=True).update(connection_id=Subquery(theirs))


class Migration(migrations.Migration):
    dependencies = [
        ("integrations", "0001_initial"),
        ("access", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="accountspan",
            name="connection",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="integrations.connection",
            ),
        ),
        migrations.RunPython(name_the_connection, migrations.RunPython.noop, elidable=True),
    ]
