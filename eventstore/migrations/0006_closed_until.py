"""Heads know until when their stream's time is closed."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("eventstore", "0005_shadow_parts")]

    operations = [
        migrations.AddField(
            model_name="stream",
            name="closed_until",
            field=models.DateTimeField(null=True, verbose_name="closed until"),
        ),
    ]
