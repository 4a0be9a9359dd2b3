"""The manager of users: creates sign-ins, and finds them by e-mail or by token."""

from typing import TYPE_CHECKING, Final
from uuid import UUID

from django.contrib.auth.base_user import BaseUserManager

from accounts.users.emails import normalise_email

if TYPE_CHECKING:
    from accounts.users.models import User

# Every call of the API begins with this query. As a query set it would be compiled anew each time, which takes longer
# than its execution.
CALLER_SQL: Final = """
SELECT person.* FROM authtoken_token AS token JOIN accounts_user AS person ON person.id = token.user_id
WHERE token.key = %s
"""


class UserManager(BaseUserManager["User"]):
    """Creates sign-ins of customers, and superusers for Django's own command; `services/staff.py` makes other staff."""

    def create_customer(self, email: str, password_hash: str, customer_id: UUID) -> "User":
        """Creates the sign-in of a customer. Takes the hash, because hashing takes too long for a transaction."""
        return self.create(email=normalise_email(email), password=password_hash, customer_id=customer_id)

    def create_superuser(self, email: str, password: str | None = None) -> "User":
        """Creates a member of staff with all roles."""
        user = self.model(email=normalise_email(email), is_staff=True, is_superuser=True)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        """The user with an e-mail, whichever its spelling; raises DoesNotExist."""
        return self.get(email=normalise_email(username or ""))

    def by_token(self, key: str) -> "User | None":
        """The user of a token, also a deactivated one; None for an unknown token."""
        return next(iter(self.raw(CALLER_SQL, [key])), None)
