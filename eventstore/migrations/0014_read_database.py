"""The row by which a read database knows whose log it follows; see decision 0049."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("eventstore", "0012_cluster")]

    operations = [
        migrations.CreateModel(
            name="Follower",
            fields=[
                ("id", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("subscription", models.CharField(max_length=63, verbose_name="subscription")),
                ("log_id", models.UUIDField(verbose_name="log id")),
                ("epoch", models.IntegerField(verbose_name="epoch")),
                ("began_at", models.DateTimeField(verbose_name="epoch began at")),
                ("since", models.DateTimeField(auto_now_add=True, verbose_name="since")),
            ],
            options={
                "verbose_name": "follower",
                "verbose_name_plural": "followers",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="eventstore_follower_one_row")
                ],
            },
        ),
    ]
