"""The parts of names and e-mails that a search looks up."""

from django.db import migrations, models

import projections.fields


class Migration(migrations.Migration):
    dependencies = [
        ("projections", "0005_statement_bounds"),
    ]

    operations = [
        migrations.CreateModel(
            name="CustomerPart",
            fields=[
                (
                    "key",
                    models.CharField(
                        max_length=40, primary_key=True, serialize=False, verbose_name="customer id and place"
                    ),
                ),
                ("customer_id", models.UUIDField(verbose_name="customer id")),
                ("text", projections.fields.CodePointField(max_length=254, verbose_name="text")),
            ],
            options={
                "verbose_name": "part of a customer's name or e-mail",
                "verbose_name_plural": "parts of customers' names and e-mails",
                "indexes": [models.Index(fields=["text", "customer_id"], name="projections_customer_part")],
            },
        ),
    ]
