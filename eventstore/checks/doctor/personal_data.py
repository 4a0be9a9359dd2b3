"""Examinations of personal data: the keys, what can't be decrypted, and what still tells of persons who were erased."""

from collections.abc import Iterator
from itertools import islice
from uuid import UUID

from eventstore import feed
from eventstore.backends import log_database, store
from eventstore.checks import database
from eventstore.checks.doctor.findings import Finding, act, fine, from_checks, look
from eventstore.keys import ring, unreadable
from eventstore.keys.erasure import purge, streams_about
from eventstore.models import Stream, SubjectKey
from eventstore.projecting.inspect.drift import head_difference

LATEST_EVENTS = 10_000  # that are decrypted; check_projections decrypts all
LATEST_ERASURES = 100  # whose streams are folded anew
MAX_NAMED = 5  # findings that are named; the others are only counted


def keys() -> list[Finding]:
    """Examines whether this process has the right master key, and whether older ones are still needed."""
    found = database.run(database.site_keys, store().connection)
    return from_checks("keys", found, "The master key is the one that the database was written with.")


def personal_data() -> Iterator[Finding]:
    """Examines whether the latest events can be decrypted."""
    if ring.problem():
        return  # the examination of the keys says so
    end = feed.tidemark()
    found = list(unreadable.in_events(max(0, end - LATEST_EVENTS), end))
    for each in found[:MAX_NAMED]:
        yield act("personal data", f"{each}: {each.field.fault}.", RESTORE)
    if (more := len(found) - MAX_NAMED) > 0:
        yield act("personal data", f"{more:,} more fields can't be decrypted.", "manage.py check_projections")
    if not found:
        yield fine("personal data", f"It can be decrypted (the last {min(end, LATEST_EVENTS):,} events were tried).")


RESTORE = (
    "Restore the row of eventstore_subjectkey (or the event's) from a backup, then type "
    "manage.py rebuild_projections. If it is lost for good, erase the person."
)


def erasures() -> Iterator[Finding]:
    """Examines whether heads still tell what was erased, and finishes what a reader held up."""
    if ring.problem():
        return
    erased = SubjectKey.objects.using(log_database()).filter(erased_at__isnull=False).order_by("-erased_at")
    latest = list(erased.values_list("subject_id", flat=True)[:LATEST_ERASURES])
    telling = [(head, subject) for subject in latest for head in streams_about(subject) if _tells(head)]
    for head, subject in islice(telling, MAX_NAMED):
        yield act("erasures", f"The head of {head} still tells what was erased.", _again(subject))
    if not purge():
        says = "What was erased is still in the write-ahead log, which a reader, or Litestream, keeps in use."
        yield look("erasures", says, "manage.py doctor, once no long query is running")
    elif not telling:
        yield fine("erasures", "What was erased is gone from heads, and from the files that we can reach.")


def _tells(head: Stream) -> bool:
    return head.state is not None and head_difference(head.stream_id) is not None


def _again(subject: UUID) -> str:
    erase = f"from eventstore import personal; personal.erase('{subject}')"
    return f'manage.py shell -c "{erase}"'
