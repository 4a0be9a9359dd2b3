"""The examination of restore drills: when the last one was, and whether all came back equal."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from django.utils import timezone
from django.utils.timesince import timesince

from eventstore.backends import log_database, store
from eventstore.backends.configured import setting
from eventstore.checks.doctor.findings import Finding, act, fine, look
from eventstore.checks.doctor.reach import is_for_this_machine
from eventstore.models import Drill

SUBJECT: Final = "restore drill"
NEXT: Final = "manage.py restore_drill"
LATE_AFTER: Final = timedelta(days=35)  # where no interval is set; where one is, after twice that


def drills() -> Iterator[Finding]:
    """Examines when a restore was last rehearsed, and how that went; nobody restores a read database."""
    if store().subscribes():
        return
    last = Drill.objects.using(log_database()).filter(ended_at__isnull=False).order_by("-began_at").first()
    if last is None:
        yield _never()
    elif not last.succeeded:
        yield act(SUBJECT, f"The last one, {_ago(last)}, did not go well: {_why(last)}.", NEXT)
    elif timezone.now() - last.began_at > _late_after():
        yield look(SUBJECT, f"The last one was {_ago(last)}.", NEXT)
    else:
        yield fine(SUBJECT, f"The last one was {_ago(last)}: all equal, in {_seconds(last):.0f} s.")


def _never() -> Finding:
    if is_for_this_machine():
        return fine(SUBJECT, "A restore was never rehearsed; this site is for this machine.")
    return look(SUBJECT, "A restore was never rehearsed: nobody knows whether it works, and how long it takes.", NEXT)


def _late_after() -> timedelta:
    every: timedelta | None = setting("RESTORE_DRILL_EVERY")
    return 2 * every if every else LATE_AFTER


def _ago(drill: Drill) -> str:
    return f"{timesince(drill.began_at)} ago".replace("\xa0", " ")


def _seconds(drill: Drill) -> float:
    return float(sum(step["seconds"] for step in drill.report.get("steps", [])))


def _why(drill: Drill) -> str:
    bad = [step["name"] for step in drill.report.get("steps", []) if not step["is_well"]]
    error = str(drill.report.get("error", "")).partition("\n")[0].rstrip(".:")
    return error or f"see {', '.join(bad)} on its page in the admin"
