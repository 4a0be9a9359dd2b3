"""Tokens of our own, several for each user, with an end; and sessions that their owner can see.

Tokens from before are carried over, so programs go on: hashed, and with an end, TOKEN_DAYS from now. Then the table that
had them in clear is dropped. Its app is not installed any more, so this reads it by SQL, where it exists. Sessions from
before end, as their keys stood in clear too.
"""

import hashlib
from datetime import UTC, datetime, timedelta

import django.db.models.deletion
import django.utils.timezone
import uuid_utils.compat
from django.apps.registry import Apps
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.utils import timezone
from django.utils.crypto import salted_hmac

TOKENS, SESSIONS = "authtoken_token", "django_session"
SALT = "accounts.users.models.User.access_hash"


def carry_over(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Move tokens of `rest_framework.authtoken` here, drop its table, and end the sessions of `django.contrib.sessions`."""
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        if SESSIONS in tables:
            cursor.execute("DELETE FROM django_session")
        if TOKENS not in tables:
            return
        cursor.execute(
            "SELECT token.key, token.user_id, token.created, person.password, person.access_version "
            "FROM authtoken_token AS token JOIN accounts_user AS person ON person.id = token.user_id "
            "WHERE person.is_active"
        )
        now, model = timezone.now(), apps.get_model("accounts", "ApiToken")
        model.objects.using(connection.alias).bulk_create(
            model(
                digest=hashlib.sha256(key.encode()).hexdigest(),
                user_id=user_id,
                access_hash=salted_hmac(SALT, f"{version} {password}", algorithm="sha256").hexdigest(),
                created_at=moment(created),  # long ago, so it does not open what takes a fresh sign-in
                expires_at=now + timedelta(days=settings.TOKEN_DAYS),
            )
            for key, user_id, created, password, version in cursor.fetchall()
        )
        cursor.execute("DROP TABLE authtoken_token")
        # So the app could be installed again.
        cursor.execute("DELETE FROM django_migrations WHERE app = 'authtoken'")


def moment(stored: datetime | str) -> datetime:
    """A time as this database has it: SQLite has no time zones."""
    value = datetime.fromisoformat(stored) if isinstance(stored, str) else stored
    return value if value.tzinfo else value.replace(tzinfo=UTC)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_access"),
    ]

    operations = [
        migrations.CreateModel(
            name="ApiToken",
            fields=[
                (
                    "token_id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("access_hash", models.CharField(max_length=64)),
                ("name", models.CharField(blank=True, max_length=100)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("last_used_at", models.DateTimeField(null=True)),
                ("expires_at", models.DateTimeField(db_index=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="tokens", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Session",
            fields=[
                ("session_data", models.TextField(verbose_name="session data")),
                ("expire_date", models.DateTimeField(db_index=True, verbose_name="expire date")),
                ("session_key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("access_hash", models.CharField(blank=True, max_length=64)),
                ("browser", models.CharField(blank=True, max_length=40)),
                ("system", models.CharField(blank=True, max_length=40)),
                ("began_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("seen_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sessions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "session",
                "verbose_name_plural": "sessions",
                "abstract": False,
                "default_permissions": (),
            },
        ),
        migrations.RunPython(carry_over, migrations.RunPython.noop),
    ]
