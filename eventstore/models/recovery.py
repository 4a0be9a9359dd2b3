"""Which log this is and where it lives, and what was done to bring it back."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from eventstore.models.log import AppendOnlyModel


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
