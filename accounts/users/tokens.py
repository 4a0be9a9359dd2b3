"""The tokens of programs: several for each user, each with a name and an end, and only hashes of them are stored."""

import hashlib
import re
import secrets
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import connections, models, router, transaction
from django.db.models.functions import Coalesce
from django.utils import timezone
from uuid_utils.compat import uuid7

from accounts.users.models import User
from accounts.users.moments import COARSE, note

PREFIX: Final = "tmk_"  # by which scanners recognise a token that was published by mistake
SECRET_BYTES: Final = 32
MAX_TOKENS: Final = 100  # of one user; more than that is a program that signs in for each call
NAME_LIMIT: Final = 100
DIGEST_LENGTH: Final = 64

# The second form is that of tokens from before there was a prefix.
TOKEN: Final = re.compile(rf"{PREFIX}[A-Za-z0-9_-]{{43}}|[0-9a-f]{{40}}")

# Every call of the API begins with this query. As a query set it would be compiled anew each time, which takes longer
# than its execution.
CALLER_SQL: Final = """
SELECT person.*, token.token_id, token.created_at AS token_created_at, token.access_hash,
token.last_used_at > %s AS used_lately
FROM accounts_apitoken AS token JOIN accounts_user AS person ON person.id = token.user_id
WHERE token.digest = %s AND token.expires_at > %s
"""


class ApiToken(models.Model):
    """A token that a program signs in with. It dies with the user's password, role or activity of its making."""

    token_id = models.UUIDField(primary_key=True, default=uuid7, editable=False)  # can be shown, as it opens nothing
    digest = models.CharField(max_length=DIGEST_LENGTH, unique=True)
    user = models.ForeignKey(User, models.CASCADE, related_name="tokens")
    access_hash = models.CharField(max_length=64)  # `User.get_session_auth_hash` of its making
    name = models.CharField(max_length=NAME_LIMIT, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    last_used_at = models.DateTimeField(null=True)  # to the minute
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.name or self.token_id} of {self.user_id}"


def digest_of(token: str) -> str:
    """What is stored of a token: 256 random bits, which nobody guesses, so a slow hash would gain nothing."""
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def make_token(user: User, name: str = "") -> tuple[ApiToken, str]:
    """Make a token of a user, and return it with its secret, which is told once and never again.

    Deletes what has expired, whoever's it was, and of a user with too many tokens the one that is unused for longest.
    """
    now, secret = timezone.now(), PREFIX + secrets.token_urlsafe(SECRET_BYTES)
    ApiToken.objects.filter(expires_at__lte=now).delete()
    user.tokens.exclude(access_hash__in=list(user.access_hashes)).delete()
    made = ApiToken.objects.create(
        user=user,
        digest=digest_of(secret),
        access_hash=user.get_session_auth_hash(),
        name=name,
        created_at=now,
        expires_at=now + timedelta(days=settings.TOKEN_DAYS),
    )
    by_use = user.tokens.exclude(pk=made.pk).order_by(Coalesce("last_used_at", "created_at").desc())
    surplus = list(by_use.values_list("pk", flat=True)[MAX_TOKENS - 1 :])
    user.tokens.filter(pk__in=surplus).delete()
    return made, secret


def live_tokens(user: User) -> "models.QuerySet[ApiToken]":
    """The tokens of a user that open something."""
    return user.tokens.filter(expires_at__gt=timezone.now(), access_hash__in=list(user.access_hashes))


def end_token(user: User, token_id: UUID) -> bool:
    """End a token of a user; whether there was one that was alive."""
    ended, _ = live_tokens(user).filter(pk=token_id).delete()
    return bool(ended)


def caller_of(token: str) -> tuple[User, UUID] | None:
    """The user of a token, and the token's id; `None` if it opens nothing. Text that is no token is never looked up."""
    if not TOKEN.fullmatch(token):
        return None
    now = timezone.now()
    given = [_stored(now - COARSE), digest_of(token), _stored(now)]
    for user in User.objects.raw(CALLER_SQL, given):
        found, token_id = vars(user), UUID(str(vars(user)["token_id"]))
        if user.has_access_by(found["access_hash"]):
            if not found["used_lately"]:
                note(ApiToken, token_id, last_used_at=now, access_hash=user.get_session_auth_hash())
            return user, token_id
    return None


def _stored(moment: datetime) -> object:
    """A time, as the database compares it."""
    return connections[router.db_for_read(ApiToken)].ops.adapt_datetimefield_value(moment)
