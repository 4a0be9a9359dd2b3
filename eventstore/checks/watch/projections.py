"""Whether each projection is what it should be: built by this code, near the end of the log, with nothing parked."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from eventstore import feed
from eventstore.backends import store
from eventstore.checks.watch.mark import who
from eventstore.checks.watch.problem import Code, Limits, Problem
from eventstore.checks.watch.runners import runners, served
from eventstore.projecting.inspect.statuses import MAX_LAG_COUNTED, Status, status


def projections(limits: Limits) -> Iterator[Problem]:
    """Report problems of each, measured against the mark as it is: an event above the mark is not their fault."""
    alive = served(runners(limits))
    for each in status(feed.tidemark()):
        yield from _state(each)
        if each.name in alive and _is_behind(each, limits):
            yield _lagging(each, limits)
        if each.given_up:
            yield _parked(each)


def _is_behind(each: Status, limits: Limits) -> bool:
    return each.lag_seconds > limits.lag or each.lag > limits.events or each.lag == MAX_LAG_COUNTED


def _state(each: Status) -> Iterator[Problem]:
    rebuild = f"manage.py rebuild_projections {each.name}"
    match each.state:
        case "stale":
            text = _("The projector of %(name)s has changed since its rows were built.")
            yield _problem(Code.STALE, each, text, rebuild)
        case "to be built":
            text = _("%(name)s is new on an old log, and its rows were never built.")
            yield _problem(Code.TO_BE_BUILT, each, text, rebuild)
        case "not installed":
            text = _("%(name)s is new, and nothing is known of it in the database.")
            yield _problem(Code.NOT_INSTALLED, each, text, "manage.py migrate")


def _problem(code: Code, each: Status, sentence: str, advice: str) -> Problem:
    return Problem(code=code, subject=each.name, sentence=sentence % {"name": each.name}, advice=advice)


def _lagging(each: Status, limits: Limits) -> Problem:
    text = _(
        "%(name)s is %(events)d events behind, the oldest of which is %(seconds)d s old, although a runner is alive."
    )
    advice, details = _("Read the runner's log: it may fail again and again, or have too much to do."), {}
    if by := _locked_by(limits):
        advice = _("Its checkpoints may be locked: %(who)s.") % {"who": "; ".join(by)}
        details = {"locked_by": by}
    return Problem(
        code=Code.LAGGING,
        subject=each.name,
        sentence=text % {"name": each.name, "events": each.lag, "seconds": each.lag_seconds},
        advice=advice,
        details={"lag": each.lag, "lag_seconds": each.lag_seconds, "position": each.position, **details},
    )


def _locked_by(limits: Limits) -> list[str]:
    """Transactions that have long had checkpoints locked, which runners pass over in silence."""
    blockers = store().checkpoint_blockers()
    return [who(blocker) for blocker in blockers if blocker.is_older_than(limits.held, otherwise=True)]


def _parked(each: Status) -> Problem:
    sentence = ngettext(
        "%(count)d stream of %(name)s is parked, and waits for a person.",
        "%(count)d streams of %(name)s are parked, and wait for a person.",
        each.given_up,
    )
    return Problem(
        code=Code.PARKED,
        subject=each.name,
        sentence=sentence % {"count": each.given_up, "name": each.name},
        advice=f"manage.py parked_events --projection {each.name}",
        details={"given_up": each.given_up, "parked": each.parked},
    )
