"""How users are made and found: by e-mail, in the one form in which e-mails are stored."""

from typing import TYPE_CHECKING, Final
from uuid import UUID

from django.contrib.auth.base_user import BaseUserManager

from accounts.users.emails import normalise_email

if TYPE_CHECKING:
    from accounts.users.models import User

# Every call of the API begins with it. As a query set it would be put together anew each time, which takes longer than
# asking.
CALLER: Final = """
SELECT person.* FROM authtoken_token AS token JOIN accounts_user AS person ON person.id = token.user_id
WHERE token.key = %s
"""


class UserManager(BaseUserManager["User"]):
    """Makes a customer's sign-in, or a superuser for Django's own command; other staff is made in `staff.py`."""

    def create_customer(self, email: str, password_hash: str, customer_id: UUID) -> "User":
        """The sign-in of a customer. Takes the hash, since making one takes too long for a transaction."""
        return self.create(email=normalise_email(email), password=password_hash, customer_id=customer_id)

    def create_superuser(self, email: str, password: str | None = None) -> "User":
        """A member of staff who may do everything."""
        user = self.model(email=normalise_email(email), is_staff=True, is_superuser=True)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        """The user with an e-mail, however it is spelled; raises DoesNotExist."""
        return self.get(email=normalise_email(username or ""))

    def by_token(self, key: str) -> "User | None":
        """The user whose token it is, also one who may not sign in any more."""
        return next(iter(self.raw(CALLER, [key])), None)
