"""Tokens for tests that call the API."""

from datetime import timedelta

from django.utils import timezone

from accounts.users.models import User
from accounts.users.tokens import ApiToken, make_token


def token_of(user: User) -> str:
    """A token of a user.

    It counts as just used, for as long as a test may take: so the first call costs no more queries than the second.
    """
    made, token = make_token(User.objects.get(pk=user.pk))
    ApiToken.objects.filter(pk=made.pk).update(last_used_at=timezone.now() + timedelta(hours=1))
    return token
