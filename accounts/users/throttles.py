"""The throttle of failed sign-ins, on pages and in the API."""

import hashlib

from rest_framework.exceptions import Throttled
from rest_framework.request import Request

from accounts.users.emails import normalise_email
from eventstore.http.throttles import FixedWindowThrottle


class FailedSignIns(FixedWindowThrottle):
    """Counts wrong passwords for one e-mail from one network address: its owner can still sign in from elsewhere."""

    scope = "sign_in"

    def __init__(self, request: Request, email: str) -> None:
        super().__init__()
        caller = f"{normalise_email(email)} {self.get_ident(request)}"
        self.caller = hashlib.sha256(caller.encode()).hexdigest()  # e-mails are personal, and may hold any character

    def must_be_few(self) -> None:
        """Raises Throttled after too many failures: then even the right password does not help."""
        if self.num_requests is not None and self.count(self.caller, 0) >= self.num_requests:
            raise Throttled(self.wait())

    def add(self) -> None:
        """Counts one more failure."""
        self.count(self.caller)
