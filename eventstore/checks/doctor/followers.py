"""The examination of standbys and of the read database, as the site on the primary reaches them."""

from collections.abc import Iterator
from typing import Final

from django.db import Error, connections

from eventstore import feed, readers
from eventstore.backends import in_database, log_database, store
from eventstore.backends.faults import in_one_line
from eventstore.checks.doctor.findings import Finding, act, fine, look
from eventstore.projecting.declaration.registry import projections
from eventstore.projecting.realtime import is_live

SECONDS: Final = 2.0  # that each may take for an answer
FAR_BEHIND: Final = 10_000  # positions: reads go to the primary meanwhile, which has to bear them
HOW: Final = "docs/operations.md, Readers on other machines"
NEXT: Final = "manage.py replicate_log --status on the read database; docs/operations.md, A read database"


def followers() -> Iterator[Finding]:
    """Examines whether each of them answers, how far it is behind, and whether it is in the epoch of the log."""
    if log_database() in readers.followers():
        return  # it is one of them that is examined
    home = feed.mark()
    for alias in readers.followers():
        is_standby = alias in readers.replicas()
        subject, how = (f"standby {alias}", HOW) if is_standby else ("read database", NEXT)
        try:
            there = _mark(alias, with_read_models=not is_standby)
        except Error as error:
            connections[alias].close()
            yield act(subject, f"It does not answer: {in_one_line(error)}", how)
            continue
        yield _about(subject, how, home, there)


def _mark(alias: str, *, with_read_models: bool) -> feed.Mark:
    """How far a follower is; the read database counts up to where its read models are."""
    with in_database(alias), store().answering_within(SECONDS):
        mark = feed.mark()
        built = [name for name, each in projections.items() if is_live(each)] if with_read_models else []
        return feed.Mark(min(mark.position, readers.reached(alias, built)), mark.number, mark.identity)


def _about(subject: str, how: str, home: feed.Mark, there: feed.Mark) -> Finding:
    if there.identity is None or home.identity is None:
        return act(subject, "It has no log.", how)
    if there.identity != home.identity:
        epochs = f"It is in epoch {there.identity.epoch}, and the log in epoch {home.identity.epoch}"
        return act(subject, f"{epochs}: nothing is read from it.", how)
    behind = max(0, home.position - there.position)
    says = f"It answers, in epoch {there.identity.epoch}, {behind:,} positions behind."
    return look(subject, says, how) if behind > FAR_BEHIND else fine(subject, says)
