"""What makes a change of the past show: trees, their signed heads, and the runs of `verify`."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from eventstore.models.log import AppendOnlyModel


class TreeHead(AppendOnlyModel):
    """The signed head of one of the two trees: what a seal writes, here and where the database's owner can't reach.

    `position` is that of its last leaf: a position of the log, or a number of the command store.
    """

    class Tree(models.TextChoices):
        """The two trees: a leaf for each event, and one for each command."""

        EVENTS = "events", _("events")
        COMMANDS = "commands", _("commands")

    tree = models.CharField(_("tree"), max_length=8, choices=Tree)
    epoch = models.IntegerField(_("epoch"))
    size = models.BigIntegerField(_("size"))
    position = models.BigIntegerField(_("position"))
    root = models.BinaryField(_("root"), max_length=32)
    note = models.TextField(_("signed note"))
    timestamp = models.BinaryField(_("time stamp"), null=True)  # a token as RFC 3161 has it
    signed_at = models.DateTimeField(_("signed at"))

    class Meta:
        verbose_name = _("tree head")
        verbose_name_plural = _("tree heads")
        indexes = [models.Index(fields=["tree", "epoch", "size"], name="eventstore_treehead_size")]

    def __str__(self) -> str:
        return f"{self.tree} {self.size}"


class Tile(models.Model):
    """Up to 256 neighbouring hashes of one level of a tree: of leaves at level 0, of full tiles below at the others.

    Only the last tile of a level is not full, and grows. `first` is the position of the first leaf, at level 0.
    """

    pk = models.CompositePrimaryKey("tree", "level", "place")
    tree = models.CharField(_("tree"), max_length=8, choices=TreeHead.Tree)
    level = models.SmallIntegerField(_("level"))
    place = models.BigIntegerField(_("place"))
    first = models.BigIntegerField(_("first position"), null=True)
    hashes = models.BinaryField(_("hashes"), max_length=8_192)

    class Meta:
        verbose_name = _("tile of a tree")
        verbose_name_plural = _("tiles of trees")
        indexes = [models.Index(fields=["tree", "first"], name="eventstore_tile_first")]

    def __str__(self) -> str:
        return f"{self.tree} {self.level}/{self.place}"


class Verification(models.Model):
    """A run of `verify`: how far it looked, and what it found. One without an end was interrupted, or still runs."""

    began_at = models.DateTimeField(_("began at"))
    ended_at = models.DateTimeField(_("ended at"), null=True)
    scope = models.CharField(_("scope"), max_length=255)  # as the command's options have it; "" for everything
    position = models.BigIntegerField(_("up to position"), default=0)
    number = models.BigIntegerField(_("up to command number"), default=0)
    events = models.BigIntegerField(_("events"), default=0)
    commands = models.BigIntegerField(_("commands"), default=0)
    unsealed = models.BigIntegerField(_("unsealed events and commands"), default=0)
    faults = models.BigIntegerField(_("faults"), default=0)
    first_fault = models.JSONField(_("first fault"), null=True)

    class Meta:
        verbose_name = _("verification")
        verbose_name_plural = _("verifications")

    def __str__(self) -> str:
        return f"{self.began_at:%Y-%m-%d %H:%M}"
