"""Errors of setting a read database up, each with the next step."""

from eventstore.errors import EventStoreError


class ReplicationError(EventStoreError):
    """Something stands in the way of replicating the log; nothing was changed."""


class NotEmpty(ReplicationError):
    """The database has a log of its own. A read database begins as an empty one: create it, and run migrate there."""


class NotPublished(ReplicationError):
    """The primary does not publish its log yet. Run `manage.py replicate_log --publish` there."""


class Differs(ReplicationError):
    """The copy is not what the primary has, so the epoch is not accepted. Copy it anew, by --follow and --anew."""
