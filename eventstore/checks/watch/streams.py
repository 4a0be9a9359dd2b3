"""Whether commands get at their streams: the transactions that hold the heads of streams, and do not end."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from eventstore.backends import store
from eventstore.backends.activity import HeldStreams
from eventstore.checks.watch.mark import end, who
from eventstore.checks.watch.problem import Code, Limits, Problem


def streams(limits: Limits) -> Iterator[Problem]:
    """Report transactions that have held heads for too long; where their age is hidden, those that others wait for."""
    for held in store().stream_blockers():
        if held.blocker.is_older_than(limits.held, otherwise=held.waiting > 0):
            yield _blocked(held)


def _blocked(held: HeldStreams) -> Problem:
    return Problem(
        code=Code.STREAM_BLOCKED,
        subject=str(held.blocker.pid or held.blocker.prepared or ""),
        sentence=_("%(who)s holds the heads of streams: %(waiting)s.")
        % {"who": who(held.blocker), "waiting": _waiting(held)},
        advice=end(held.blocker),
        details={**held.blocker._asdict(), "streams": list(held.streams), "waiting": held.waiting},
    )


def _waiting(held: HeldStreams) -> str:
    if not held.waiting:
        return _("commands on them have to wait, and are then told to come again")
    waiting = ngettext("%(count)d command waits", "%(count)d commands wait", held.waiting) % {"count": held.waiting}
    return _("%(waiting)s for %(streams)s") % {"waiting": waiting, "streams": ", ".join(held.streams) or "?"}
