"""Authentication of API callers by token."""

from uuid import UUID

from django.utils.translation import gettext_lazy as _
from rest_framework import authentication
from rest_framework.exceptions import AuthenticationFailed

from accounts.users.models import User
from accounts.users.tokens import caller_of


class TokenAuthentication(authentication.TokenAuthentication):
    """Authenticates by the token in the header; `request.auth` is the token's id.

    A token that has expired, that was ended, or whose owner may not sign in is answered as one that never was.
    """

    def authenticate_credentials(self, key: str) -> tuple[User, UUID]:
        """The owner of a token, and the token's id; raises AuthenticationFailed."""
        caller = caller_of(key)
        if caller is None:
            raise AuthenticationFailed(_("Invalid token."))
        return caller
