"""The users: sign-ins of customers and of staff. All other facts about customers are in events."""

from collections.abc import Collection, Iterable, Iterator
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Any, Final, Self

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import PermissionsMixin
from django.db import models, router, transaction
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext_lazy as _

from accounts.users.emails import normalise_email
from accounts.users.managers import RAISED, RIGHTS, UserManager

# Fields that a save writes only if this very object changed them: else a request that began before somebody's
# deactivation, and saves another field after it, would bring the old rights back.
GUARDED: Final = RIGHTS | {"password", "has_second_factor"}


class User(AbstractBaseUser, PermissionsMixin):
    """A sign-in of a customer or of a member of staff, never of both: their rights exclude each other."""

    # In the form of `parse_email`; below `@invalid` if it was erased, or given back to who proved to own it.
    email = models.EmailField(_("e-mail"), unique=True)
    email_confirmed_at = models.DateTimeField(_("e-mail confirmed at"), null=True, blank=True)
    new_email = models.EmailField(_("new e-mail"), blank=True)  # which has yet to be confirmed, then it counts
    new_email_at = models.DateTimeField(null=True, blank=True)  # when it was asked for: other links to it are dead
    released_email = models.EmailField(_("released e-mail"), blank=True, db_index=True)  # which was given back
    customer_id = models.UUIDField(_("customer id"), null=True, blank=True, unique=True)
    is_staff = models.BooleanField(_("member of staff"), default=False)
    is_active = models.BooleanField(_("may sign in"), default=True)
    access_version = models.PositiveIntegerField(default=0)  # raised to end all sessions and tokens
    has_second_factor = models.BooleanField(_("second factor"), default=False)  # besides the password; see `factors`
    joined_at = models.DateTimeField(_("joined at"), auto_now_add=True)

    token_created_at: datetime  # of who is found by a token, see `caller_of`

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    objects = UserManager()

    _stored: dict[str, object]  # what the database has in the guarded fields, as far as this object knows

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(customer_id__isnull=True, is_staff=True)
                | models.Q(customer_id__isnull=False, is_staff=False, is_superuser=False),
                name="accounts_user_customer_or_staff",
            )
        ]

    def clean(self) -> None:
        """Normalises the e-mail; forms call this."""
        self.email = normalise_email(self.email)

    @property
    def actor(self) -> str:
        """The name of the user in the command store and in the metadata of events."""
        return f"customer:{self.customer_id}" if self.customer_id else f"staff:{self.pk}"

    # Access: what a session or a token proves, for as long as nothing has changed -----------------

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """The access hash, which each session and each token carries.

        It differs as soon as the password changes, or `access_version` is raised, as every change of role or activity
        does. Fallbacks of SECRET_KEY make the fallback hashes.
        """
        salt = "accounts.users.models.User.access_hash"
        return salted_hmac(
            salt, f"{self.access_version} {self.password}", secret=secret, algorithm="sha256"
        ).hexdigest()

    @property
    def access_hashes(self) -> Iterator[str]:
        """The access hashes that are good now: that by SECRET_KEY, then those by its fallbacks."""
        yield self.get_session_auth_hash()
        yield from self.get_session_auth_fallback_hash()

    def has_access_by(self, access_hash: str) -> bool:
        """Whether a token with this hash still opens what the user may open."""
        return self.is_active and any(constant_time_compare(access_hash, good) for good in self.access_hashes)

    def end_access(self) -> None:
        """End all sessions and tokens at once; a request in one of these sessions signs in anew to go on."""
        alias = router.db_for_write(User, instance=self)
        with transaction.atomic(using=alias):
            User.objects.using(alias).filter(pk=self.pk).update(access_version=RAISED)
            self.refresh_from_db(fields=["access_version"])
            self.tokens.all().delete()
            self.sessions.all().delete()

    def check_password(self, raw_password: str | None) -> bool:
        """Whether this is the password.

        Where its hash is renewed at this occasion (new versions of Django make stronger ones), tokens go on.
        """
        before = self.get_session_auth_hash()
        is_right = super().check_password(raw_password)
        if is_right and self.pk and (now := self.get_session_auth_hash()) != before:
            self.tokens.filter(access_hash=before).update(access_hash=now)
        return is_right

    # Saving: access_version is only ever raised, and only by the database --------------------------

    @classmethod
    def from_db(cls, db: str | None, field_names: Collection[str], values: Collection[Any], **options: Any) -> Self:
        """A user as stored."""
        user = super().from_db(db, field_names, values, **options)
        user._stored = {}
        user._note_guarded(GUARDED)
        return user

    def refresh_from_db(
        self,
        using: str | None = None,
        fields: Iterable[str] | None = None,
        from_queryset: "models.QuerySet[User] | None" = None,
    ) -> None:
        """Read fields anew; all of them, if none are named."""
        names = None if fields is None else list(fields)
        super().refresh_from_db(using=using, fields=names, from_queryset=from_queryset)
        self._note_guarded(GUARDED if names is None else GUARDED & set(names))

    def save(self, **options: Any) -> None:
        """Save the user; a change of rights ends all sessions and tokens."""
        if self._state.adding:
            super().save(**options)
            self._stored = {}
            self._note_guarded(GUARDED)
            return
        changed = {name for name in GUARDED & self.__dict__.keys() if self.__dict__[name] != self._stored.get(name)}
        given = options.pop("update_fields", None)
        names = self._own_fields() - (GUARDED - changed) if given is None else set(given)
        alias = options.get("using") or router.db_for_write(User, instance=self)
        with transaction.atomic(using=alias):
            super().save(update_fields=names - {"access_version"}, **options)
            if changed & names & RIGHTS:
                User.objects.using(alias).filter(pk=self.pk).update(access_version=RAISED)
                self.refresh_from_db(using=alias, fields=["access_version"])
        self._note_guarded(changed & names)

    def _own_fields(self) -> set[str]:
        deferred = self.get_deferred_fields()
        fields = (field for field in self._meta.concrete_fields if not field.primary_key)
        return {field.name for field in fields if field.attname not in deferred}

    def _note_guarded(self, names: AbstractSet[str]) -> None:
        """Note what the database has in these fields."""
        self._stored |= {name: self.__dict__[name] for name in names & self.__dict__.keys()}
