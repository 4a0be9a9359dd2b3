"""E-mails of users in the form of `parse_email`: their domains in the ASCII form of IDNA 2008."""

import idna
from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def renew_emails(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Rewrites domains that are not ASCII; one that can't exist, or whose new form is taken, stays as it is."""
    users = apps.get_model("accounts", "User").objects.using(schema_editor.connection.alias)
    for user in users.iterator():
        name, at, domain = user.email.rpartition("@")
        if domain.isascii():
            continue
        try:
            email = f"{name}{at}{idna.encode(domain, uts46=True, std3_rules=True).decode('ascii')}"
        except idna.IDNAError:
            continue
        if not users.filter(email=email).exists():
            users.filter(pk=user.pk).update(email=email)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_groups")]

    operations = [migrations.RunPython(renew_emails, migrations.RunPython.noop)]
