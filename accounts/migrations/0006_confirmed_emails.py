"""E-mails of users: when a new one was asked for; those of members of staff count as confirmed."""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.utils import timezone


def confirm_staff(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Members of staff were made by the operator of the site; customers have yet to prove their addresses."""
    users = apps.get_model("accounts", "User").objects.using(schema_editor.connection.alias)
    users.filter(is_staff=True, email_confirmed_at=None).update(email_confirmed_at=timezone.now())


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_tokens")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="new_email_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.RunPython(confirm_staff, migrations.RunPython.noop),
    ]
