"""The row that tells where the log was last known to live; `install` fills it after `migrate`."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("eventstore", "0011_restorations")]

    operations = [
        migrations.CreateModel(
            name="Cluster",
            fields=[
                ("id", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("place", models.JSONField(default=dict, verbose_name="place")),
                ("confirmed", models.IntegerField(default=0, verbose_name="confirmed epoch")),
            ],
            options={
                "verbose_name": "cluster",
                "verbose_name_plural": "clusters",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="eventstore_cluster_one_row")
                ],
            },
        ),
    ]
