"""Site keys, which stand between the master key and the keys of persons; see decision 0026."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("eventstore", "0006_closed_until"),
    ]

    operations = [
        migrations.CreateModel(
            name="SiteKey",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("number", models.IntegerField(unique=True, verbose_name="number")),
                (
                    "purpose",
                    models.CharField(
                        choices=[("wrap", "keys of persons"), ("hash", "hashes")], max_length=4, verbose_name="purpose"
                    ),
                ),
                ("wrapped", models.BinaryField(verbose_name="wrapped key")),
                ("master", models.CharField(max_length=255, verbose_name="master key")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
            ],
            options={
                "verbose_name": "site key",
                "verbose_name_plural": "site keys",
            },
        ),
        migrations.AddField(
            model_name="subjectkey",
            name="purged_at",
            field=models.DateTimeField(null=True, verbose_name="purged at"),
        ),
        migrations.AddField(
            model_name="subjectkey",
            name="site_key",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="eventstore.sitekey",
                verbose_name="site key",
            ),
        ),
        migrations.AddIndex(
            model_name="subjectkey",
            index=models.Index(
                condition=models.Q(("erased_at__isnull", False), ("purged_at__isnull", True)),
                fields=["subject_id"],
                name="eventstore_subjectkey_unpurged",
            ),
        ),
    ]
