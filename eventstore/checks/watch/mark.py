"""Whether the tidemark rises: the transactions that hold it back, or the lack of a runner that raises it."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from eventstore.backends import store
from eventstore.backends.activity import BlockingTransaction
from eventstore.checks.watch.problem import Code, Limits, Problem
from eventstore.checks.watch.runners import runners
from eventstore.projecting.runner.runner import delayed_subscribers


def locks(limits: Limits) -> Iterator[Problem]:
    """Report transactions that lock the mark's row, as one left open in a shell may.

    Read from the catalog alone, so it works even while the mark itself can't be read.
    """
    for blocker in store().mark_blockers():
        if blocker.is_older_than(limits.held, otherwise=True):
            yield _blocked(blocker, _("%(who)s has locked the tidemark, so nobody can raise it."))


def mark(limits: Limits) -> Iterator[Problem]:
    """Report writers that do not end, and a mark that no runner raises. On SQLite the end of the log is the mark."""
    backend = store()
    state = backend.mark_state()
    if state is None or backend.follows():  # nobody raises a mark that is replicated
        return
    drawn = backend.last_drawn()
    if drawn == state[:2]:
        return
    is_held = state.held_for.total_seconds() > limits.held
    held_by = [each for each in backend.open_writers() if each.is_older_than(limits.held, otherwise=is_held)]
    for writer in held_by:
        text = _("%(who)s holds the tidemark at position %(position)d, and positions up to %(drawn)d are drawn.")
        yield _blocked(writer, text, position=state.position, drawn=drawn[0])
    if is_held:
        locking = [each for each in backend.mark_holders() if each.is_older_than(limits.held, otherwise=True)]
        yield from (_blocked(each, _("%(who)s has locked the tidemark, so nobody can raise it.")) for each in locking)
        held_by += locking
    if is_held and not held_by and delayed_subscribers():
        yield _not_raised(state.held_for.total_seconds(), limits)


def _blocked(transaction: BlockingTransaction, sentence: str, **details: Any) -> Problem:
    return Problem(
        code=Code.MARK_BLOCKED,
        subject=str(transaction.pid or transaction.prepared or ""),
        sentence=sentence % {"who": who(transaction), **details},
        advice=end(transaction),
        details={**transaction._asdict(), **details},
    )


def who(transaction: BlockingTransaction) -> str:
    """A transaction by its process id, role and program."""
    facts = [text for text in (transaction.role, transaction.program, transaction.state) if text]
    if transaction.open_for is not None:
        facts.append(_("open for %(seconds)d s") % {"seconds": transaction.open_for})
    name = _("Process %(pid)s") if transaction.pid else _("The prepared transaction %(prepared)s")
    return name % {"pid": transaction.pid, "prepared": transaction.prepared or "?"} + (
        f" ({', '.join(facts)})" if facts else ""
    )


def end(transaction: BlockingTransaction) -> str:
    """The advice to end a transaction, with the words that do it."""
    if not store().writes_in_parallel:
        return _("Let it commit or roll back. If it hangs, end that process: what it has not committed is undone.")
    if transaction.pid:
        text = _("Let it commit or roll back. If nobody can: SELECT pg_terminate_backend(%(pid)s);")
    else:
        text = _("Look it up in pg_prepared_xacts, and end it: COMMIT PREPARED or ROLLBACK PREPARED.")
    return text % {"pid": transaction.pid}


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
