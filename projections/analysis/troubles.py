"""Why there is no answer, in a sentence for staff, and the command that helps."""

from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _

from eventstore.analysis import CannotAnalyse, NoArchive, NotArchived, NotInstalled, TookTooLong
from projections.analysis.answers import Busy


@dataclass(frozen=True)
class Trouble:
    """A sentence, and the command that helps; `detail` is what the program says about it."""

    sentence: str
    command: str = ""
    detail: str = ""


def trouble_of(error: CannotAnalyse, name: str) -> Trouble:
    """What stands in the way of an answer."""
    archive = settings.ANALYSIS_ARCHIVE or "/srv/archive"
    match error:
        case NotInstalled():
            text = _("Analysis is not installed on this site. Whoever runs it can add it, and start the site again:")
            return Trouble(text, "pip install duckdb pyarrow")
        case NoArchive():
            return Trouble(_("There is no archive yet. It is made by:"), f"manage.py archive {archive}")
        case NotArchived():
            text = _(
                "More of the log than a page may read is in no archive. Make one, and name it in ANALYSIS_ARCHIVE:"
            )
            known = _("More of the log than a page may read came after the archive. It is brought up to date by:")
            return Trouble(known if settings.ANALYSIS_ARCHIVE else text, f"manage.py archive {archive}", str(error))
        case TookTooLong():
            text = _("This takes longer than a page may. Choose a shorter period, or have it answered by:")
            return Trouble(text, f"manage.py analyse --view {name}")
        case Busy():
            return Trouble(_("Somebody else's question is being answered just now. Ask again in a moment."))
        case _:
            return Trouble(_("This can't be answered now."), f"manage.py analyse --view {name}", str(error))
