"""The site's keys, and the keys to what is personal."""

from django.db import models
from django.utils.translation import gettext_lazy as _


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
