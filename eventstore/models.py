"""The three stores' own tables: the event log, the command store, stream heads, and the bookkeeping of projections."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from eventstore.errors import AppendOnly

__all__ = [
    "AppendOnlyModel",
    "Checkpoint",
    "Command",
    "Event",
    "Parked",
    "Projection",
    "Runner",
    "Shadow",
    "ShadowPart",
    "Stream",
    "SubjectKey",
    "Tidemark",
]


class AppendOnlyModel(models.Model):
    """Rows that the ORM may read but never write; the database enforces the same with triggers."""

    class Meta:
        abstract = True

    def save(self, *args: object, **kwargs: object) -> None:
        raise AppendOnly(f"{self._meta.verbose_name}: {AppendOnly.__doc__}")

    def delete(self, *args: object, **kwargs: object) -> tuple[int, dict[str, int]]:
        raise AppendOnly(f"{self._meta.verbose_name}: {AppendOnly.__doc__}")


class Event(AppendOnlyModel):
    """One fact. `position` is drawn by the database and orders the whole log; `version` is dense in its stream."""

    position = models.BigAutoField(_("position"), primary_key=True)
    event_id = models.UUIDField(_("event id"), unique=True)
    category = models.CharField(_("category"), max_length=64)
    stream_id = models.UUIDField(_("stream id"))
    version = models.BigIntegerField(_("version"))
    type = models.CharField(_("type"), max_length=128)
    schema_version = models.SmallIntegerField(_("schema version"))
    data = models.JSONField(_("data"))
    metadata = models.JSONField(_("metadata"))
    recorded_at = models.DateTimeField(_("recorded at"))
    slot = models.SmallIntegerField(_("slot"))
    digest = models.BinaryField(_("digest"), max_length=32)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        constraints = [models.UniqueConstraint(fields=["stream_id", "version"], name="eventstore_event_stream_version")]
        indexes = [models.Index(fields=["type", "position"], name="eventstore_event_type")]
        permissions = [("view_personal_data", "Can view personal data in clear")]

    def __str__(self) -> str:
        return f"{self.position} {self.type}"


class Command(AppendOnlyModel):
    """One command and its response, for ever. `number` orders the store; `command_id` stands for actor and key."""

    number = models.BigAutoField(_("number"), primary_key=True)
    command_id = models.UUIDField(_("command id"), unique=True)
    actor = models.CharField(_("actor"), max_length=255)
    key = models.CharField(_("key"), max_length=255)
    fingerprint = models.BinaryField(_("fingerprint"), max_length=32)
    type = models.CharField(_("type"), max_length=128)
    schema_version = models.SmallIntegerField(_("schema version"))
    data = models.JSONField(_("data"))
    metadata = models.JSONField(_("metadata"))
    accepted = models.BooleanField(_("accepted"))
    response = models.JSONField(_("response"))
    positions = models.JSONField(_("positions of its events"))
    recorded_at = models.DateTimeField(_("recorded at"))

    class Meta:
        verbose_name = _("command")
        verbose_name_plural = _("commands")
        indexes = [
            models.Index(fields=["actor", "number"], name="eventstore_command_actor"),
            models.Index(fields=["type", "number"], name="eventstore_command_type"),
            models.Index(fields=["number"], condition=models.Q(accepted=False), name="eventstore_command_refused"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.type}"


class Stream(models.Model):
    """The head of a stream: the row that writers lock. It holds the version and the state after it."""

    stream_id = models.UUIDField(_("stream id"), primary_key=True)
    category = models.CharField(_("category"), max_length=64)
    version = models.BigIntegerField(_("version"))
    position = models.BigIntegerField(_("position"))
    digest = models.BinaryField(_("digest"), max_length=32)
    recorded_at = models.DateTimeField(_("recorded at"))
    state = models.TextField(_("state"), null=True)  # noqa: DJ001 - NULL is "no decider", which "" is not
    fingerprint = models.CharField(_("fingerprint of the state's shape"), max_length=64)

    class Meta:
        verbose_name = _("stream")
        verbose_name_plural = _("streams")
        indexes = [models.Index(fields=["category", "stream_id"], name="eventstore_stream_category")]

    def __str__(self) -> str:
        return f"{self.category}:{self.stream_id}"


class Tidemark(models.Model):
    """The highest position, and the highest command number, up to which everything is known to be committed."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    position = models.BigIntegerField(_("position"), default=0)
    number = models.BigIntegerField(_("command number"), default=0)
    raised_at = models.DateTimeField(_("raised at"))

    class Meta:
        verbose_name = _("tidemark")
        verbose_name_plural = _("tidemark")
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="eventstore_tidemark_one_row")]

    def __str__(self) -> str:
        return str(self.position)


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
        parts = ShadowPart.objects.filter(projection_id=self.projection_id, role=self.role)
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
        cls.objects.exclude(error="").update(error="")


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


class SubjectKey(models.Model):
    """The key to one person's data, itself encrypted. Erasing the person empties it and keeps the tombstone."""

    subject_id = models.UUIDField(_("subject id"), primary_key=True)
    wrapped = models.BinaryField(_("wrapped key"), null=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    erased_at = models.DateTimeField(_("erased at"), null=True)

    class Meta:
        verbose_name = _("subject key")
        verbose_name_plural = _("subject keys")

    def __str__(self) -> str:
        return str(self.subject_id)
