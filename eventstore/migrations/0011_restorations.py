from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("eventstore", "0010_trust"),
    ]

    operations = [
        migrations.CreateModel(
            name="Restoration",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("began_at", models.DateTimeField(auto_now_add=True, verbose_name="began at")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="ended at")),
                ("source", models.CharField(max_length=1000, verbose_name="source")),
                ("manifest", models.CharField(max_length=64, verbose_name="SHA-256 of the manifest")),
                ("position", models.BigIntegerField(verbose_name="up to position")),
                ("number", models.BigIntegerField(verbose_name="up to command number")),
                ("is_filled", models.BooleanField(default=False, verbose_name="filled")),
            ],
            options={
                "verbose_name": "restore",
                "verbose_name_plural": "restores",
            },
        ),
    ]
