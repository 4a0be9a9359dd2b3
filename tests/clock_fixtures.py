"""A clock for what is counted in windows of time, which a test moves."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.utils import timezone

from eventstore.http.throttles import FixedWindowThrottle


class Clock:
    """Stands still until a test moves it; at first it is 40 seconds into a minute, and into an hour."""

    seconds = 1_000_000.0 // 3_600 * 3_600 + 40

    def __call__(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.seconds, UTC)


@pytest.fixture(autouse=True)
def still_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """No window of counted attempts and calls ends in the middle of a test, whatever the time of day."""
    now = timezone.now()
    if apps.is_installed("accounts"):  # the engine is tested without it, too
        monkeypatch.setattr("accounts.users.attempts.timezone", SimpleNamespace(now=lambda: now))
    monkeypatch.setattr(FixedWindowThrottle, "timer", staticmethod(now.timestamp))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch, still_windows: None) -> Clock:
    """The clock of counted attempts and of throttles."""
    clock = Clock()
    monkeypatch.setattr("accounts.users.attempts.timezone", SimpleNamespace(now=clock.now))
    monkeypatch.setattr(FixedWindowThrottle, "timer", clock)
    return clock
