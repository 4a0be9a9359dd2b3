"""The sample's read model, and a plain table to compare a command with."""

from typing import ClassVar

from django.db import models

from eventstore.projecting import ReadModel


class Balance(ReadModel):
    """The balance of each purse."""

    purse_id = models.UUIDField(primary_key=True)
    balance = models.BigIntegerField(default=0)
    position = models.BigIntegerField()

    objects: ClassVar[models.Manager["Balance"]] = models.Manager()

    class Meta:
        app_label = "sample"

    def __str__(self) -> str:
        return f"{self.purse_id}: {self.balance}"


class Filling(models.Model):
    """A row as a site without events would write it."""

    purse_id = models.UUIDField()
    entry_id = models.UUIDField(unique=True)
    amount = models.BigIntegerField()
    note = models.TextField()
    made_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[models.Manager["Filling"]] = models.Manager()

    class Meta:
        app_label = "sample"

    def __str__(self) -> str:
        return f"{self.purse_id}: {self.amount}"
