"""The times that are taken in: those that have a local time in every time zone, and room around them."""

from datetime import UTC, datetime
from typing import Final

from eventstore.errors import PayloadRefused

FIRST_YEAR: Final = 2
LAST_YEAR: Final = 9998
FIRST: Final = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC)
END: Final = datetime(LAST_YEAR + 1, 1, 1, tzinfo=UTC)


def is_moment(moment: datetime) -> bool:
    """Whether a time has a zone, and lies in the years 2 to 9998: the calendar's own ends overflow in some zone."""
    return moment.tzinfo is not None and FIRST <= moment < END


def parse_moment(text: str) -> datetime | None:
    """The time, in UTC, that a text in ISO 8601 with a zone stands for; None for any other text or a time too far."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.astimezone(UTC) if is_moment(moment) else None


def must_be_moment(moment: datetime) -> None:
    """Raises PayloadRefused for a time without a zone, and for one that is too far away to be shown everywhere."""
    if not is_moment(moment):
        raise PayloadRefused(
            f"{moment} can't be stored: give a time with a zone, in the years {FIRST_YEAR} to {LAST_YEAR}. Others have "
            "no local time in some zones."
        )
