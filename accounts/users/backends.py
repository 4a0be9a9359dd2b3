"""Who signs in: whoever has an e-mail address, and whoever had it until its owner took it back."""

from typing import Any, Final

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest

from accounts.users.models import User

LEAST: Final = 2  # passwords that are tried before a "no", so that its time does not tell how many had the address


class EmailBackend(ModelBackend):
    """Authenticates by e-mail and password, the owner of an address before those from whom it was taken back."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **options: Any
    ) -> User | None:
        """The user whose password it is; None for anybody else, after the same work."""
        username = options.get(User.USERNAME_FIELD) if username is None else username
        if username is None or password is None:
            return None
        users = User.objects.who_sign_in_with(username)
        for user in users:
            if user.check_password(password):
                return user if self.user_can_authenticate(user) else None
        for _ in range(len(users), LEAST):
            make_password(password)
        return None
