"""The users: sign-ins of customers and of staff. All other facts about customers are in events."""

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.users.emails import normalise_email
from accounts.users.managers import UserManager


class User(AbstractBaseUser, PermissionsMixin):
    """A sign-in of a customer or of a member of staff, never of both: their rights exclude each other."""

    email = models.EmailField(_("e-mail"), unique=True)  # trimmed and case-folded
    customer_id = models.UUIDField(_("customer id"), null=True, blank=True, unique=True)
    is_staff = models.BooleanField(_("member of staff"), default=False)
    is_active = models.BooleanField(_("may sign in"), default=True)
    joined_at = models.DateTimeField(_("joined at"), auto_now_add=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    objects = UserManager()

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
