"""The manager of users: creates sign-ins, and finds them by e-mail."""

from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.contrib.auth.base_user import BaseUserManager
from django.db import router, transaction
from django.db.models import F, QuerySet
from django.dispatch import Signal
from django.utils import timezone

from accounts.users.emails import normalise_email

if TYPE_CHECKING:
    from accounts.users.models import User

# The next access version, with which all sessions and tokens end. The database counts, so no stale object undoes it.
RAISED: Final = F("access_version") + 1
MOST: Final = 4  # who may sign in with one e-mail
RIGHTS: Final = frozenset({"is_active", "is_staff", "is_superuser"})  # fields; the other rights are groups

# user: a member of staff with all roles, whom Django's own command has made; sent in its transaction.
superuser_made = Signal()


class UserQuerySet(QuerySet["User"]):
    """Users, whose sessions and tokens end where their rights are changed."""

    def update(self, **changes: Any) -> int:
        """Change fields of all these users; what changes their rights ends their sessions and tokens."""
        if RIGHTS & changes.keys():
            changes.setdefault("access_version", RAISED)
        return super().update(**changes)


class UserManager(BaseUserManager["User"]):
    """Creates sign-ins of customers, and superusers for Django's own command; `services/staff.py` makes other staff."""

    def get_queryset(self) -> UserQuerySet:
        """All users."""
        return UserQuerySet(self.model, using=self._db)

    def create_customer(self, email: str, password_hash: str, customer_id: UUID, *, confirmed: bool = False) -> "User":
        """Creates the sign-in of a customer. Takes the hash, because hashing takes too long for a transaction."""
        return self.create(
            email=normalise_email(email),
            email_confirmed_at=timezone.now() if confirmed else None,
            password=password_hash,
            customer_id=customer_id,
        )

    def create_superuser(self, email: str, password: str | None = None) -> "User":
        """Creates a member of staff with all roles."""
        user = self.model(email=normalise_email(email), is_staff=True, is_superuser=True)
        user.email_confirmed_at = timezone.now()  # nobody but the operator of the site makes members of staff
        user.set_password(password)
        with transaction.atomic(using=router.db_for_write(self.model) if self._db is None else self._db):
            user.save(using=self._db)
            superuser_made.send(sender=self.model, user=user)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        """The user with an e-mail, whichever its spelling; raises DoesNotExist."""
        return self.get(email=normalise_email(username or ""))

    def who_sign_in_with(self, email: str) -> "list[User]":
        """Who may sign in with an e-mail: its owner, then those from whom it was taken back, the first of them first.

        A few of them: each takes work.
        """
        address = normalise_email(email)
        lost = self.filter(released_email=address).exclude(released_email="").order_by("pk")
        return [*self.filter(email=address), *lost[:MOST]][:MOST]
