"""How often one may call: strangers by their address, who is signed in by who they are, and failed sign-ins."""

import hashlib

from rest_framework.exceptions import Throttled
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView

from accounts.users.emails import normalise_email


class Window(SimpleRateThrottle):
    """Counts calls in windows of a fixed length: one number for each caller, however high the rate is."""

    num_requests: int
    duration: int  # seconds

    def allow_request(self, request: Request, view: APIView) -> bool:
        """Whether this call, which counts, is within the rate."""
        caller = self.get_cache_key(request, view)
        return caller is None or self.count(caller) <= self.num_requests

    def count(self, caller: str, by: int = 1) -> int:
        """Count calls of a caller; how many it were in this window."""
        window = f"throttle_{self.scope}_{caller}_{self.timer() // self.duration:.0f}"
        try:
            return self.cache.incr(window, by)
        except ValueError:  # nobody has called in this window yet
            self.cache.add(window, 0, self.duration)
            return self.cache.incr(window, by)

    def wait(self) -> float:
        """Seconds until the next window."""
        return self.duration - self.timer() % self.duration


class StrangerThrottle(Window):
    """Anonymous callers, and those whose token is none, by the address that they call from."""

    scope = "anon"

    def get_cache_key(self, request: Request, view: APIView) -> str | None:
        """The address; nothing for somebody who is signed in."""
        return None if request.user.is_authenticated else self.get_ident(request)


class UserThrottle(Window):
    """Whoever is signed in, wherever they call from."""

    scope = "user"

    def get_cache_key(self, request: Request, view: APIView) -> str | None:
        """Who it is; nothing for a stranger."""
        return str(request.user.pk) if request.user.is_authenticated else None


class FailedSignIns(Window):
    """Wrong passwords for one e-mail from one address: whoever owns the e-mail can still sign in from elsewhere."""

    scope = "sign_in"

    def __init__(self, request: Request, email: str) -> None:
        super().__init__()
        asked = f"{normalise_email(email)} {self.get_ident(request)}"
        self.caller = hashlib.sha256(asked.encode()).hexdigest()  # e-mails are personal, and may hold any character

    def must_be_few(self) -> None:
        """Raise Throttled when there have been too many: then even the right password does not help."""
        if self.count(self.caller, 0) >= self.num_requests:
            raise Throttled(self.wait())

    def add(self) -> None:
        """One more."""
        self.count(self.caller)
