"""The three stores' own tables: the event log, the command store, stream heads, and the bookkeeping of projections."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from eventstore.backends import log_database
from eventstore.errors import AppendOnly

__all__ = [
    "AppendOnlyModel",
    "Checkpoint",
    "Cluster",
    "Command",
    "Drill",
    "Epoch",
    "Event",
    "Follower",
    "Parked",
    "Projection",
    "Restoration",
    "Runner",
    "Shadow",
    "ShadowPart",
    "SiteKey",
    "Stream",
    "SubjectKey",
    "Tidemark",
    "Tile",
    "TreeHead",
    "Verification",
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


class SiteKey(models.Model):
    """A key of the site, itself encrypted with the master key that is named: for the keys of persons, or for hashes.

    That a master key opens it proves that it is the right one. The wrapping key with the highest number encrypts what
    is new; there is one key for hashes, for ever, as stored fingerprints of commands depend on it.
    """

    class Purpose(models.TextChoices):
        """What the key is for."""

        WRAP = "wrap", _("keys of persons")
        HASH = "hash", _("hashes")

    id = models.UUIDField(primary_key=True)
    number = models.IntegerField(_("number"), unique=True)
    purpose = models.CharField(_("purpose"), max_length=4, choices=Purpose)
    wrapped = models.BinaryField(_("wrapped key"))
    master = models.CharField(_("master key"), max_length=255)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("site key")
        verbose_name_plural = _("site keys")

    def __str__(self) -> str:
        return f"{self.purpose} {self.number}"


class SubjectKey(models.Model):
    """The key to one person's data, itself encrypted. Erasing the person empties it and keeps the tombstone."""

    subject_id = models.UUIDField(_("subject id"), primary_key=True)
    wrapped = models.BinaryField(_("wrapped key"), null=True)
    site_key = models.ForeignKey(
        SiteKey, models.PROTECT, null=True, related_name="+", verbose_name=_("site key")
    )  # NULL in rows from before there were site keys, and once the person is erased
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    erased_at = models.DateTimeField(_("erased at"), null=True)
    purged_at = models.DateTimeField(_("purged at"), null=True)  # when the copies that we can reach were overwritten

    class Meta:
        verbose_name = _("subject key")
        verbose_name_plural = _("subject keys")
        indexes = [
            models.Index(
                fields=["subject_id"],
                name="eventstore_subjectkey_unpurged",
                condition=models.Q(erased_at__isnull=False, purged_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return str(self.subject_id)


class Epoch(AppendOnlyModel):
    """A time in which every position that was ever told of names the same event; the newest epoch is the present one.

    A restore, a promotion or a recovery to a point in time begins the next one: what the log has lost, others may have
    seen. `position` and `number` are the ends of the log and of the command store when it began.
    """

    class Cause(models.TextChoices):
        """Why an epoch began."""

        CREATED = "created", _("the log was created")
        TAKEN_IN = "taken in", _("the log is older than its epochs")
        RESTORED = "restored", _("an archive was restored")
        NOTICED = "noticed", _("the database was found changed")
        DECLARED = "declared", _("a person has declared it")

    epoch = models.IntegerField(_("epoch"), primary_key=True)
    log_id = models.UUIDField(_("log id"))
    position = models.BigIntegerField(_("position"))
    number = models.BigIntegerField(_("command number"))
    cause = models.CharField(_("cause"), max_length=8, choices=Cause)
    reason = models.TextField(_("reason"), blank=True)
    began_at = models.DateTimeField(_("began at"))

    class Meta:
        verbose_name = _("epoch")
        verbose_name_plural = _("epochs")

    def __str__(self) -> str:
        return f"{self.log_id}/{self.epoch}"


class Cluster(models.Model):
    """Where the log was last known to live, and the newest epoch that a person has confirmed: one row.

    A copy of the database carries the row along, so at its next start the copy finds that it lives elsewhere. The row
    is also what everybody locks who begins an epoch.
    """

    id = models.SmallIntegerField(primary_key=True, default=1)
    place = models.JSONField(_("place"), default=dict)  # as `Backend.place` tells it
    confirmed = models.IntegerField(_("confirmed epoch"), default=0)

    class Meta:
        verbose_name = _("cluster")
        verbose_name_plural = _("clusters")
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="eventstore_cluster_one_row")]

    def __str__(self) -> str:
        return str(self.place)


class Follower(models.Model):
    """Whose log this database follows: one row in a read database, and none where commands are executed.

    The log, the epoch and its beginning are those of the copy that the read models were made from. While the log is in
    another epoch, nothing here counts as known.
    """

    id = models.SmallIntegerField(primary_key=True, default=1)
    subscription = models.CharField(_("subscription"), max_length=63)
    log_id = models.UUIDField(_("log id"))
    epoch = models.IntegerField(_("epoch"))
    began_at = models.DateTimeField(_("epoch began at"))
    since = models.DateTimeField(_("since"), auto_now_add=True)

    class Meta:
        verbose_name = _("follower")
        verbose_name_plural = _("followers")
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="eventstore_follower_one_row")]

    def __str__(self) -> str:
        return f"{self.log_id}/{self.epoch}"


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


class Drill(models.Model):
    """A rehearsed restore into a scratch database: what it took and whether all came out equal."""

    began_at = models.DateTimeField(_("began at"))
    ended_at = models.DateTimeField(_("ended at"), null=True)
    source = models.CharField(_("source"), max_length=1_000)
    succeeded = models.BooleanField(_("succeeded"), null=True)
    position = models.BigIntegerField(_("up to position"), default=0)
    report = models.JSONField(_("report"), default=dict)

    class Meta:
        verbose_name = _("restore drill")
        verbose_name_plural = _("restore drills")

    def __str__(self) -> str:
        return f"{self.began_at:%Y-%m-%d %H:%M}"


class Restoration(models.Model):
    """A restore of an archive into this database, up to a position and a number; one without an end is resumed."""

    began_at = models.DateTimeField(_("began at"), auto_now_add=True)
    ended_at = models.DateTimeField(_("ended at"), null=True)
    source = models.CharField(_("source"), max_length=1_000)
    manifest = models.CharField(_("SHA-256 of the manifest"), max_length=64)
    position = models.BigIntegerField(_("up to position"))
    number = models.BigIntegerField(_("up to command number"))
    is_filled = models.BooleanField(_("filled"), default=False)  # all is stored; what follows can be done again

    class Meta:
        verbose_name = _("restore")
        verbose_name_plural = _("restores")

    def __str__(self) -> str:
        return f"{self.began_at:%Y-%m-%d %H:%M}"
