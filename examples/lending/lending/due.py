"""What has to be done when its time has come."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from eventstore.due import Occasion, due

from lending.commands import LapseReservation
from lending.models import Reservation


@due(every=timedelta(minutes=1))
def lapse_reservations(now: datetime) -> Iterator[Occasion]:
    """Reservations end by themselves."""
    for found in Reservation.objects.filter(until__lte=now)[:1000]:
        yield Occasion(f"{found.book_id} {found.until:%Y-%m-%dT%H:%M:%S}", LapseReservation(found.book_id, now))
