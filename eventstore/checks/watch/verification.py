"""The records of `verify`: when it last ran, and what it found."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from eventstore.checks.watch.problem import Code, Limits, Problem
from eventstore.log.database import primary_rows
from eventstore.models import Verification


@dataclass(frozen=True)
class Verified:
    """The last run that looked at everything, and the last one that found faults that no whole run has unsaid since."""

    whole: Verification | None
    faulty: Verification | None

    @property
    def at(self) -> datetime | None:
        """When everything was looked at last."""
        return self.whole.ended_at if self.whole else None


def verified() -> Verified:
    """What the records say; runs that were interrupted say nothing."""
    ended = primary_rows(Verification).filter(ended_at__isnull=False).order_by("-id")
    whole = ended.filter(scope="").first()
    faulty = ended.filter(faults__gt=0)
    return Verified(whole, (faulty.filter(id__gte=whole.id) if whole else faulty).first())


def verification(_limits: Limits) -> Iterator[Problem]:
    """Report the faults of the last run of `verify`, until a whole run finds none."""
    found = verified().faulty
    if found is None:
        return
    first = (found.first_fault or {}).get("sentence", "")
    sentence = _("On %(at)s the log was found other than it was written (faults: %(faults)d). The first: %(first)s")
    yield Problem(
        code=Code.FAULTY,
        sentence=sentence % {"at": f"{found.began_at:%Y-%m-%d %H:%M}", "faults": found.faults, "first": first},
        advice=_("Keep a copy of the database as it is, then type: manage.py verify"),
        details={"first_fault": found.first_fault},
    )
