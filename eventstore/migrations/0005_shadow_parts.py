"""How far a shadow table is, is known slot by slot, so that several processes can fill it.

Tables that are being built or kept stay what they are: all of their slots stand where they stood as a whole.
"""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models

SLOTS = 64
ROLES = [("new", "being built"), ("old", "replaced")]


def divide(apps: Any, schema_editor: Any) -> None:
    shadow, part, checkpoint = _rows(apps, schema_editor, "Shadow", "ShadowPart", "Checkpoint")
    global_order = set(
        checkpoint.values_list("projection_id")
        .annotate(slots=models.Count("slot"))
        .filter(slots=1)
        .values_list("projection_id", flat=True)
    )
    for projection, role, position in shadow.values_list("projection_id", "role", "position"):
        slots = range(1) if projection in global_order else range(SLOTS)
        part.bulk_create(
            part.model(projection_id=projection, role=role, slot=slot, position=position) for slot in slots
        )


def unite(apps: Any, schema_editor: Any) -> None:
    shadow, part = _rows(apps, schema_editor, "Shadow", "ShadowPart")
    for projection, role in shadow.values_list("projection_id", "role"):
        lowest = part.filter(projection_id=projection, role=role).aggregate(models.Min("position"))
        shadow.filter(projection_id=projection, role=role).update(position=lowest["position__min"] or 0)


def _rows(apps: Any, schema_editor: Any, *models: str) -> list[Any]:
    """The rows of models in the database that is being migrated."""
    alias = schema_editor.connection.alias
    return [apps.get_model("eventstore", model).objects.using(alias) for model in models]


class Migration(migrations.Migration):
    dependencies = [("eventstore", "0004_parked_and_runners")]

    operations = [
        migrations.CreateModel(
            name="ShadowPart",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "projection", "role", "slot", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("role", models.CharField(choices=ROLES, max_length=3, verbose_name="role")),
                ("slot", models.SmallIntegerField(verbose_name="slot")),
                ("position", models.BigIntegerField(default=0, verbose_name="position")),
                (
                    "projection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="shadow_parts",
                        to="eventstore.projection",
                    ),
                ),
            ],
            options={"verbose_name": "part of a shadow table", "verbose_name_plural": "parts of shadow tables"},
        ),
        migrations.RunPython(divide, unite),
        migrations.RemoveField(model_name="shadow", name="position"),
    ]
