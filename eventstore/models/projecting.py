"""What projections and their runners keep about their work."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from eventstore.backends import log_database


class Projection(models.Model):
    """One projection: the version of the projector that built its rows, and when it did."""

    name = models.CharField(_("name"), max_length=128, primary_key=True)
    version = models.IntegerField(_("version"))
    is_live = models.BooleanField(_("live"), default=False)
    built_at = models.DateTimeField(_("built at"), null=True)
    built_to = models.BigIntegerField(_("built up to position"), default=0)

    class Meta:
        verbose_name = _("projection")
        verbose_name_plural = _("projections")

    def __str__(self) -> str:
        return self.name


class Shadow(models.Model):
    """A table beside a projection's live one: the new one while it is built, or the old one after the swap."""

    class Role(models.TextChoices):
        """Whether the table is newer or older than the live one."""

        NEW = "new", _("being built")
        OLD = "old", _("replaced")

    pk = models.CompositePrimaryKey("projection", "role")
    projection = models.ForeignKey(Projection, models.CASCADE, related_name="shadows")
    role = models.CharField(_("role"), max_length=3, choices=Role)
    version = models.IntegerField(_("version"))
    since = models.DateTimeField(_("since"), auto_now_add=True)

    class Meta:
        verbose_name = _("shadow table")
        verbose_name_plural = _("shadow tables")

    def __str__(self) -> str:
        return f"{self.projection_id} {self.role}"

    @property
    def position(self) -> int:
        """The position up to which its rows reflect every event."""
        parts = ShadowPart.objects.using(log_database()).filter(projection_id=self.projection_id, role=self.role)
        lowest: int | None = parts.aggregate(lowest=models.Min("position"))["lowest"]
        return lowest or 0


class ShadowPart(models.Model):
    """The position up to which a shadow table reflects one slot of events, or of commands by number."""

    pk = models.CompositePrimaryKey("projection", "role", "slot")
    projection = models.ForeignKey(Projection, models.CASCADE, related_name="shadow_parts")
    role = models.CharField(_("role"), max_length=3, choices=Shadow.Role)
    slot = models.SmallIntegerField(_("slot"))
    position = models.BigIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("part of a shadow table")
        verbose_name_plural = _("parts of shadow tables")

    def __str__(self) -> str:
        return f"{self.projection_id} {self.role}/{self.slot}: {self.position}"


class Checkpoint(models.Model):
    """The position up to which a delayed projection has read one slot; commits together with its rows."""

    pk = models.CompositePrimaryKey("projection", "slot")
    projection = models.ForeignKey(Projection, models.CASCADE, related_name="checkpoints")
    slot = models.SmallIntegerField(_("slot"))
    position = models.BigIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("checkpoint")
        verbose_name_plural = _("checkpoints")

    def __str__(self) -> str:
        return f"{self.projection_id}/{self.slot}: {self.position}"


class Parked(models.Model):
    """A stream that waits for one delayed projection, because one of its events fails there; the others go on.

    The event at `position` failed; what follows in its stream waits with it. While `retry_at` is given it is tried
    again by itself; without, a person has to retry or skip it.
    """

    projection = models.ForeignKey(Projection, models.CASCADE, related_name="parked", verbose_name=_("projection"))
    category = models.CharField(_("category"), max_length=64)
    stream_id = models.UUIDField(_("stream id"))
    position = models.BigIntegerField(_("position"))
    type = models.CharField(_("type"), max_length=128)
    error = models.TextField(_("error"))
    attempts = models.IntegerField(_("attempts"), default=1)
    retry_at = models.DateTimeField(_("tried again at"), null=True)
    since = models.DateTimeField(_("since"), auto_now_add=True)

    class Meta:
        verbose_name = _("parked stream")
        verbose_name_plural = _("parked streams")
        constraints = [models.UniqueConstraint(fields=["projection", "stream_id"], name="eventstore_parked_stream")]
        permissions = [("handle_parked", "Can retry and skip parked events")]

    def __str__(self) -> str:
        return f"{self.projection_id}: {self.category}:{self.stream_id} at {self.position}"

    @classmethod
    def forget_errors(cls) -> None:
        """Empty the error texts, which may quote personal data of a person who is being erased."""
        cls.objects.using(log_database()).exclude(error="").update(error="")


class Runner(models.Model):
    """A runner of projections; its heartbeat renews `seen_at`."""

    runner_id = models.UUIDField(_("runner id"), primary_key=True)
    name = models.CharField(_("name"), max_length=255)  # host and process id
    projections = models.JSONField(_("projections"))
    started_at = models.DateTimeField(_("started at"))
    seen_at = models.DateTimeField(_("seen at"))

    class Meta:
        verbose_name = _("runner")
        verbose_name_plural = _("runners")

    def __str__(self) -> str:
        return self.name
