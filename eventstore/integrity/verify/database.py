"""What the database itself has to hold: guards, unique keys, sequences, the tidemark, and the epochs."""

from collections.abc import Sequence
from typing import Final

import msgspec
from django.db.models import Max
from django.utils.translation import gettext as _

from eventstore import feed
from eventstore.backends import store
from eventstore.checks import database
from eventstore.integrity.restores import unconfirmed
from eventstore.integrity.verify.faults import Code, Faults, Place
from eventstore.log.database import primary_rows
from eventstore.models import Cluster, Command, Epoch, Event
from eventstore.partitions.unique import each_partition

UNIQUE: Final = {  # beside the primary keys
    "eventstore_event": [["position"], ["event_id"], ["stream_id", "version"]],
    "eventstore_command": [["number"], ["command_id"]],
    "eventstore_stream": [["stream_id"]],
}
FIRST_CAUSES: Final = (Epoch.Cause.CREATED, Epoch.Cause.TAKEN_IN)


def check_database(faults: Faults) -> None:
    """Find guards and unique keys that are gone, and sequences and a mark that are not where they have to be."""
    for message in database.guards(store().connection):
        faults.add(Place.DATABASE, Code.GUARD, str(message.msg))
    _check_unique_keys(faults)
    _check_sequences(faults)


def _check_unique_keys(faults: Faults) -> None:
    connection = store().connection
    for table, wanted in [pair for each in UNIQUE.items() for pair in each_partition(connection, *each)]:
        with connection.cursor() as cursor:
            found = connection.introspection.get_constraints(cursor, table).values()
        unique = [list(one["columns"]) for one in found if one["unique"] or one["primary_key"]]
        for columns in wanted:
            if columns not in unique:
                faults.add(
                    Place.DATABASE,
                    Code.GUARD,
                    _("%(columns)s of %(table)s need no longer be unique: an index is gone.")
                    % {"columns": ", ".join(columns), "table": table},
                )


def _check_sequences(faults: Faults) -> None:
    last = (
        primary_rows(Event).aggregate(last=Max("position"))["last"] or 0,
        primary_rows(Command).aggregate(last=Max("number"))["last"] or 0,
    )
    if store().subscribes():
        return  # nothing is drawn here
    drawn = store().sequences()
    for name, stored, given in zip((_("position"), _("command number")), last, drawn, strict=True):
        if stored > given:
            faults.add(
                Place.DATABASE,
                Code.SEQUENCE,
                _("The last %(name)s is %(stored)s, but only %(given)s were drawn: the next row finds its place taken.")
                % {"name": name, "stored": stored, "given": given},
            )


def mark_of(faults: Faults) -> feed.Mark:
    """The tidemark, raised as far as it goes; what was drawn last, where it is gone or above that."""
    try:
        mark = feed.advance()  # before what was drawn last, which only rises
        drawn = feed.last_drawn()
        if mark.position <= drawn.position and mark.number <= drawn.number:
            return mark
        problem = _("The tidemark stands above all that was drawn: nobody would wait for what is recorded next.")
    except (ValueError, msgspec.MsgspecError):
        problem = _("The tidemark is gone: nobody knows up to where the log can be read.")
    faults.add(Place.DATABASE, Code.MARK, problem)
    return feed.last_drawn()


def check_epochs(faults: Faults) -> Sequence[Epoch]:
    """The epochs in order; those that are missing, of another log, or noticed and not confirmed, are faults."""
    epochs = list(primary_rows(Epoch).order_by("epoch"))
    for before, epoch in zip([None, *epochs], epochs, strict=False):
        _check_epoch(faults, before, epoch)
    if noticed := unconfirmed():
        _tell_unconfirmed(faults, noticed)
    if not epochs:
        faults.add(Place.EPOCHS, Code.EPOCH, _("The log has no identity."))
    if not primary_rows(Cluster).exists():
        problem = _("It is gone where the log lived, so no program notices any more that it was restored.")
        faults.add(Place.EPOCHS, Code.EPOCH, problem)
    return epochs


def _check_epoch(faults: Faults, before: Epoch | None, epoch: Epoch) -> None:
    named = {"epoch": epoch.epoch}
    due = before.epoch + 1 if before else 1
    # A start that knows of later epochs than a restored copy does passes their numbers over.
    if epoch.epoch != due and (before is None or epoch.cause != Epoch.Cause.NOTICED):
        faults.add(Place.EPOCHS, Code.EPOCH, _("There is no epoch %(place)s.") % {"place": due})
    if (before is None) != (epoch.cause in FIRST_CAUSES):
        faults.add(Place.EPOCHS, Code.EPOCH, _("Epoch %(epoch)s has a cause that it can't have.") % named)
    # Only an archive that is restored up to an earlier place lets an epoch begin before the one before it.
    is_free = before is None or epoch.cause == Epoch.Cause.RESTORED
    least = (0, 0) if before is None or is_free else (before.position, before.number)
    if epoch.position < least[0] or epoch.number < least[1]:
        problem = _("Epoch %(epoch)s began at an earlier place of the log than the one before it.")
        faults.add(Place.EPOCHS, Code.EPOCH, problem % named)
    if before is not None and epoch.log_id != before.log_id:
        faults.add(Place.EPOCHS, Code.EPOCH, _("Epoch %(epoch)s is another log's.") % named)
    if before is not None and epoch.began_at < before.began_at:
        faults.add(Place.EPOCHS, Code.EPOCH, _("Epoch %(epoch)s began before the one before it.") % named)


def _tell_unconfirmed(faults: Faults, noticed: Epoch) -> None:
    """A tail that somebody has cut off is noticed by the next start, as a restore is: only a person can tell which."""
    problem = _(
        "Epoch %(epoch)s began because the database was found changed, and nobody has confirmed that this was meant. "
        "Find out why, then run: manage.py begin_epoch --confirm"
    )
    faults.add(Place.EPOCHS, Code.EPOCH, problem % {"epoch": noticed.epoch})
