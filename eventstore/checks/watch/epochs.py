"""An epoch that a start has begun by itself, as the log was not what was seen before: by a restore, or by a forger."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from eventstore.checks.watch.problem import Code, Limits, Problem
from eventstore.integrity.restores import unconfirmed
from eventstore.models import Epoch


def epochs(_limits: Limits) -> Iterator[Problem]:
    """Report such an epoch until a person confirms it."""
    if noticed := unconfirmed():
        yield Problem(
            code=Code.EPOCH_NOTICED,
            subject=str(noticed.epoch),
            sentence=sentence_of(noticed),
            advice=_("Find out who changed the database. If you know of a restore: manage.py begin_epoch --confirm"),
        )


def sentence_of(noticed: Epoch) -> str:
    """What is known of it."""
    return _(
        "Epoch %(epoch)d began by itself on %(at)s UTC, at position %(position)d, as the log disagreed with what this "
        "site had seen before. %(reason)s"
    ) % {
        "epoch": noticed.epoch,
        "at": f"{noticed.began_at:%Y-%m-%d %H:%M}",
        "position": noticed.position,
        "reason": noticed.reason,
    }
