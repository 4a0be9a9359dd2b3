"""The models of the write side: users, and what guards their sign-ins. All other state is in events."""

import accounts.users.rights  # noqa: F401 - a change of role ends sessions and tokens
from accounts.users.attempts import AttemptCount
from accounts.users.code_devices import CodeApp, RecoveryCodes
from accounts.users.known_sources import KnownAddress
from accounts.users.mail import OutgoingMail
from accounts.users.models import User
from accounts.users.sessions import Session
from accounts.users.tokens import ApiToken

__all__ = ["ApiToken", "AttemptCount", "CodeApp", "KnownAddress", "OutgoingMail", "RecoveryCodes", "Session", "User"]
