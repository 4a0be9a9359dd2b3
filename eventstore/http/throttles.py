"""Throttles: how often a caller may call, counted in fixed windows of time.

The rates are those of `REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"]`, by scope: `anon` and `user`.
"""

from typing import TYPE_CHECKING

from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from eventstore.http.addresses import network_address

if TYPE_CHECKING:  # the framework's views import the default throttles, which may be these
    from rest_framework.views import APIView

__all__ = ["AnonymousThrottle", "FixedWindowThrottle", "UserThrottle"]


class FixedWindowThrottle(SimpleRateThrottle):
    """Counts calls in windows of a fixed length: one number for each caller, however high the rate is."""

    num_requests: int | None  # in one window; None where no rate is set
    duration: int | None  # seconds of a window

    def allow_request(self, request: Request, view: "APIView") -> bool:
        """Counts this call, and says whether it is within the rate."""
        caller = self.get_cache_key(request, view)
        return caller is None or self.allows(caller)

    def allows(self, caller: str) -> bool:
        """Counts a call of a caller, and says whether it is within the rate."""
        return self.num_requests is None or self.count(caller) <= self.num_requests

    def count(self, caller: str, by: int = 1) -> int:
        """Counts calls of a caller; returns the number in the present window."""
        window = f"throttle_{self.scope}_{caller}_{self.timer() // self._window_seconds:.0f}"
        try:
            return self.cache.incr(window, by)
        except ValueError:  # the caller's first call in this window
            self.cache.add(window, 0, self._window_seconds)
            return self.cache.incr(window, by)

    def wait(self) -> float:
        """Seconds until the next window."""
        return self._window_seconds - self.timer() % self._window_seconds

    @property
    def _window_seconds(self) -> int:
        assert self.duration, f"No rate is set for the scope {self.scope}."
        return self.duration


class AnonymousThrottle(FixedWindowThrottle):
    """Counts anonymous callers, and those with an invalid token, by network address."""

    scope = "anon"

    def get_cache_key(self, request: Request, view: "APIView") -> str | None:
        """The network address; `None` for a signed-in user, who is not counted here."""
        return None if request.user.is_authenticated else network_address(request._request)


class UserThrottle(FixedWindowThrottle):
    """Counts signed-in users, wherever they call from."""

    scope = "user"

    def get_cache_key(self, request: Request, view: "APIView") -> str | None:
        """The user's primary key; `None` for an anonymous caller, who is not counted here."""
        return str(request.user.pk) if request.user.is_authenticated else None
