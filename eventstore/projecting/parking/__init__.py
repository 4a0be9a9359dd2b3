"""Parking: a stream whose event fails in a projection is left out and retried, while the others go on."""

from eventstore.projecting.parking.parking import CannotSkip, retry, retry_all, skip

__all__ = ["CannotSkip", "retry", "retry_all", "skip"]
