"""Whether the tidemark rises: who holds it where it is, or that nobody raises it."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from eventstore.backends import activity_postgresql, store
from eventstore.backends.activity_postgresql import Holder
from eventstore.checks.watch.problem import Code, Limits, Problem
from eventstore.checks.watch.runners import runners
from eventstore.projecting.runner.runner import delayed


def locks(limits: Limits) -> Iterator[Problem]:
    """Transactions that keep whoever wants to raise the mark from doing so, as somebody with an open shell may.

    Asked of the catalog alone, so it is known even while the mark itself can't be read.
    """
    if store().connection.vendor == "postgresql":
        for holder in activity_postgresql.in_the_way_of_the_mark(store().connection):
            if holder.is_older_than(limits.held, otherwise=True):
                yield _blocked(holder, _("%(who)s has locked the tidemark, so nobody can raise it."))


def mark(limits: Limits) -> Iterator[Problem]:
    """Writers that do not end, and a mark that nobody raises. On SQLite the end of the log is the mark."""
    connection = store().connection
    if connection.vendor != "postgresql":
        return
    standing = activity_postgresql.mark_state(connection)
    drawn = store().last_drawn()
    if drawn == standing[:2]:
        return
    is_held = standing.held_for.total_seconds() > limits.held
    held_by = [
        writer
        for writer in activity_postgresql.writers(connection)
        if writer.is_older_than(limits.held, otherwise=is_held)
    ]
    for writer in held_by:
        text = _("%(who)s holds the tidemark at position %(position)d, and positions up to %(drawn)d are drawn.")
        yield _blocked(writer, text, position=standing.position, drawn=drawn[0])
    if is_held and not held_by and delayed():
        yield _not_raised(standing.held_for.total_seconds(), limits)


def _blocked(holder: Holder, sentence: str, **details: Any) -> Problem:
    return Problem(
        code=Code.MARK_BLOCKED,
        subject=str(holder.pid or holder.prepared or ""),
        sentence=sentence % {"who": who(holder), **details},
        advice=_end(holder),
        details={**holder._asdict(), **details},
    )


def who(holder: Holder) -> str:
    """A transaction, as people find it again."""
    told = [text for text in (holder.role, holder.program, holder.state) if text]
    if holder.open_for is not None:
        told.append(_("open for %(seconds)d s") % {"seconds": holder.open_for})
    name = _("Process %(pid)s") if holder.pid else _("The prepared transaction %(prepared)s")
    return name % {"pid": holder.pid, "prepared": holder.prepared or "?"} + (f" ({', '.join(told)})" if told else "")


def _end(holder: Holder) -> str:
    if holder.pid:
        text = _("Let it commit or roll back. If nobody can: SELECT pg_terminate_backend(%(pid)s);")
    else:
        text = _("Look it up in pg_prepared_xacts, and end it: COMMIT PREPARED or ROLLBACK PREPARED.")
    return text % {"pid": holder.pid}


def _not_raised(seconds: float, limits: Limits) -> Problem:
    names = [runner.name for runner in runners(limits) if runner.is_alive]
    if names:
        advice = _("%(names)s should: read the log there, and start it anew.") % {"names": ", ".join(names)}
    else:
        advice = _("Start a runner: manage.py run_projections")
    return Problem(
        code=Code.MARK_NOT_RAISED,
        sentence=_("Nobody has raised the tidemark for %(seconds)d s, though nothing holds it back.")
        % {"seconds": seconds},
        advice=advice,
        details={"held_for": seconds},
    )
