"""The examinations of replication: what a read database knows, and what the primary keeps for read databases."""

from collections.abc import Iterator
from typing import Final

from eventstore.backends import store
from eventstore.checks.doctor.findings import Finding, act, fine, look
from eventstore.replication import status

SUBJECT: Final = "read database"
SLOTS: Final = "slots"
NEXT: Final = "manage.py replicate_log --status; docs/operations.md, A read database"


def read_database() -> Iterator[Finding]:
    """Examines whether a read database gets the log, whole, in the epoch that it knows."""
    found = status.following(store().connection) if store().subscribes() else None
    if found is None:
        return
    yield from (act(SUBJECT, problem, NEXT) for problem in found.problems)
    if not found.problems and not found.ready:
        waiting = ", ".join(table.name for table in found.tables if table.state != "ready")
        yield look(SUBJECT, f"Nothing here counts as known until all is copied: {waiting}.", NEXT)
    if not found.applies and found.enabled:
        yield act(SUBJECT, "Nothing is applied: the primary is away, or something here is in the way.", NEXT)
    if found.ready and found.applies:
        yield fine(SUBJECT, f"It follows the log in epoch {found.epoch}, and knows it up to {found.position:,}.")


def slots() -> Iterator[Finding]:
    """Examines the slots by which read databases get the log: one that nobody reads fills the primary's disk."""
    if not store().has_roles:
        return
    found = status.slots(store().connection)
    yield from (act(SLOTS, slot.problem, NEXT) for slot in found if slot.problem)
    if found and not any(slot.problem for slot in found):
        yield fine(SLOTS, f"{len(found)} read: {', '.join(slot.name for slot in found)}.")
