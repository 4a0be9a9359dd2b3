"""The secret of a link to choose a new password: good for one time, and dead once the e-mail has changed."""

from typing import Any, Final

from django.contrib.auth.tokens import PasswordResetTokenGenerator


class PasswordLinks(PasswordResetTokenGenerator):
    """Django's, but for the last sign-in: with it, whoever knows the old password would end each link by signing in."""

    def _make_hash_value(self, user: Any, timestamp: int) -> str:
        return f"{user.pk} {user.password} {user.email} {timestamp}"


password_links: Final = PasswordLinks()
