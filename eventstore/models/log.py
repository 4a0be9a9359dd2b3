"""The two stores: the event log with the heads of its streams and its mark, and the command store."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from eventstore.errors import AppendOnly


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
    digest = models.BinaryField(_("digest"), max_length=32)

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
    closed_until = models.DateTimeField(_("closed until"), null=True)  # no event is recorded before it any more
    # Of its first event, so that a read passes over the partitions before it; at most 0 where that is not known.
    first_position = models.BigIntegerField(_("first position"), default=0, db_default=0)

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
    # What comes before them was detached (`manage.py partitions`), and lies in an archive alone.
    first_position = models.BigIntegerField(_("first position"), default=0, db_default=0)
    first_number = models.BigIntegerField(_("first command number"), default=0, db_default=0)

    class Meta:
        verbose_name = _("tidemark")
        verbose_name_plural = _("tidemark")
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="eventstore_tidemark_one_row")]

    def __str__(self) -> str:
        return str(self.position)
