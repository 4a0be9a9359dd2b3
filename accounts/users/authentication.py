"""Authentication of API callers by token."""

import re
from typing import Final

from django.utils.translation import gettext_lazy as _
from rest_framework import authentication
from rest_framework.exceptions import AuthenticationFailed

from accounts.users.models import User

_TOKEN: Final = re.compile(r"[0-9a-f]{40}")


class TokenAuthentication(authentication.TokenAuthentication):
    """Authenticates by the token in the header; text that can't be a token never reaches the database."""

    def authenticate_credentials(self, key: str) -> tuple[User, str]:
        """The owner of a token, and the token; raises AuthenticationFailed."""
        user = User.objects.by_token(key) if _TOKEN.fullmatch(key) else None
        if user is None:
            raise AuthenticationFailed(_("Invalid token."))
        if not user.is_active:
            raise AuthenticationFailed(_("User inactive or deleted."))
        return user, key
