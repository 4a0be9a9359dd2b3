"""Restores that were done with other tools: noticed when a process starts, each of which begins a new epoch.

Three traces are looked at, each of which may know what the restored copy does not: what this node last saw
(LOG_STATE_FILE), where the database lived (PostgreSQL: cluster, timeline, database, table), and the last heads that
were kept outside (SEAL_FILE). A crash and a plain restart contradict none of them, nor does a promotion of which the
server's configuration says that it had all that was acknowledged. A move of the database does, though nothing is lost:
then a needless epoch begins, which costs each consumer one question.
"""

import logging
import mmap
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError
from django.utils.translation import gettext as _

from eventstore import feed
from eventstore.backends import in_database, log_transaction, store
from eventstore.backends.base import Place
from eventstore.backends.rows import Identity
from eventstore.integrity import last_seen, outside, seal_keys, trees
from eventstore.integrity.last_seen import LastSeen, Row
from eventstore.integrity.sealer import origin
from eventstore.integrity.trees import Tree
from eventstore.log.database import primary_rows
from eventstore.log.identity import begin_epoch, identity, identity_in, locked_cluster
from eventstore.models import Cluster, Command, Epoch, Event

__all__ = ["Memory", "notice", "unconfirmed"]

INTERVAL_SECONDS: Final = 1.0  # between two looks of a process that remembers what it saw

logger = logging.getLogger(__name__)


@dataclass
class Disagreements:
    """What contradicts the log, in sentences, and the highest epoch that is known to have been begun."""

    found: list[str] = field(default_factory=list)
    highest_epoch: int = 0


def notice() -> Identity | None:
    """Begin a new epoch if the log is not the one that its traces tell of, and return it; to be called at each start.

    However many processes start together, one of them begins it: they take turns, and look again when it is theirs.
    Nothing is done on a standby, in a read database, nor before `migrate` has made the tables.
    """
    with in_database():
        if not _is_there() or store().subscribes():
            return None
        if (place := store().place()) is None:
            return None
        if not _disagreements(place).found:
            _follow(place)
            return None
        begun = _begin(place)
        remember_now()
        return begun


def unconfirmed() -> Epoch | None:
    """The newest epoch that a process began by itself, if no person has confirmed it yet; none in a read database."""
    if store().subscribes():
        return None
    confirmed = primary_rows(Cluster).values_list("confirmed", flat=True).first() or 0
    noticed = primary_rows(Epoch).filter(cause=Epoch.Cause.NOTICED, epoch__gt=confirmed)
    return noticed.order_by("-epoch").first()


@dataclass
class Memory:
    """Keeps LOG_STATE_FILE up to date in a process that runs on: about once a second, and when it stops."""

    _due: float = 0.0
    _known: LastSeen | None = None
    _told: set[str] = field(default_factory=set)  # troubles with the file, each of which is told of once

    def refresh(self) -> bool:
        """Write what there is to see, if it is time and something has changed; whether a new epoch was begun.

        A log that has become another one under the running process is noticed as at a start.
        """
        if last_seen.file() is None or time.monotonic() < self._due:
            return False
        self._due = time.monotonic() + INTERVAL_SECONDS
        if (seen := last_seen.look()) is None or seen == self._known:
            return False
        begun = notice() if any(_with_last_seen(seen.identity, Disagreements())) else None
        self._known = remember_now(self._known, self._told)
        return begun is not None

    def stop(self) -> None:
        """Write what there is to see, as the process ends; trouble is logged, and stops nobody from ending."""
        self._due = 0.0
        try:
            self.refresh()
        except DatabaseError as error:
            logger.warning("What this node has seen of the log was not written down: %s", error)


def remember_now(known: LastSeen | None = None, told: set[str] | None = None) -> LastSeen | None:
    """Write what there is to see, unless that is known to be written; returns it.

    A failing file is logged; a trouble that was told of is not told of again before the file has been written.
    """
    told = set() if told is None else told
    if last_seen.file() is None:
        return None
    seen = last_seen.look()
    if seen is None or seen == known:
        return known
    try:
        last_seen.write(seen)
    except OSError as error:
        trouble = error.strerror or str(error)  # without the name of the temporary file, which is another each time
        if trouble not in told:
            logger.warning("%s can't be written, so a restore may go unnoticed: %s", last_seen.file(), trouble)
        told.add(trouble)
        return known
    told.clear()
    return seen


def _is_there() -> bool:
    tables = set(store().connection.introspection.table_names())
    return {Epoch._meta.db_table, Cluster._meta.db_table} <= tables and primary_rows(Cluster).exists()


def _follow(place: Place) -> None:
    """Note where the log lives since a promotion that has lost nothing."""
    if not _changed(_known_place(), place):
        return
    with log_transaction():
        cluster = locked_cluster()
        if _disagreements(place).found or not _changed(cluster.place, place):
            return  # another process has seen to it meanwhile
        primary_rows(Cluster).filter(pk=cluster.pk).update(place={**cluster.place, **place})
    logger.warning(
        "A server was promoted that had all that was acknowledged, so the epoch goes on. It lives at %s.", dict(place)
    )


def _begin(place: Place) -> Identity | None:
    with log_transaction():
        cluster = locked_cluster()
        disagreements = _disagreements(place)  # another process may have seen to them meanwhile
        if not disagreements.found:
            return None
        reason = " ".join(disagreements.found)
        begun = begin_epoch(Epoch.Cause.NOTICED, reason, above=disagreements.highest_epoch)
        primary_rows(Cluster).filter(pk=cluster.pk).update(place=dict(place))
    logger.error(
        "The log has begun epoch %d, as the database was found changed: %s All cursors from before are refused. If you "
        "know why, run: manage.py begin_epoch --confirm",
        begun.epoch,
        reason,
    )
    return begun


def _disagreements(place: Place) -> Disagreements:
    present, all_of_them = identity(), Disagreements()
    for look in (_with_place(place), _with_last_seen(present, all_of_them), _with_heads(present, all_of_them)):
        all_of_them.found += look
    return all_of_them


def _with_place(place: Place) -> Iterator[str]:
    """Where the log lives, and where it was known to live; what only one of the two tells is passed over."""
    known = _known_place()
    changed = _changed(known, place)
    if changed and not (changed == ["timeline"] and known["timeline"] == store().promoted_from()):
        was, now = (", ".join(f"{name} {side[name]}" for name in changed) for side in (known, place))
        yield _("The database lives elsewhere: it was at %(was)s, and is at %(now)s.") % {"was": was, "now": now}


def _known_place() -> Place:
    place: Place = primary_rows(Cluster).values_list("place", flat=True).get()
    return place


def _changed(known: Place, place: Place) -> list[str]:
    return [name for name in place if name in known and known[name] != place[name]]


def _with_last_seen(present: Identity, into: Disagreements) -> Iterator[str]:
    """What this node last saw, unless it was in an epoch that is over, or in another log."""
    seen = last_seen.read()
    if seen is None or seen.log_id != present.log_id:
        return
    if seen.identity != present:
        if seen.identity not in {identity_in(epoch) for epoch in primary_rows(Epoch).all()}:
            into.highest_epoch = max(into.highest_epoch, seen.epoch)
            yield _("This node has seen epoch %(epoch)d of the log, which the log does not know.") % {
                "epoch": seen.epoch
            }
        return
    if not _holds(Event, "position", seen.event):
        yield _("The event at position %(place)d is not the one that this node has seen there.") % {
            "place": seen.event.place
        }
    if not _holds(Command, "number", seen.command):
        yield _("The command with number %(place)d is not the one that this node has seen there.") % {
            "place": seen.command.place
        }


def _holds(model: type[Any], column: str, row: Row) -> bool:
    if not row.place:
        return True
    digest = primary_rows(model).filter(**{column: row.place}).values_list("digest", flat=True).first()
    return digest is not None and bytes(digest).hex() == row.digest


def _with_heads(present: Identity, into: Disagreements) -> Iterator[str]:
    """The heads that were kept outside, by keys that are known here; what can't be read there contradicts nothing."""
    try:
        newest_epoch, keys = _newest_epoch_outside(present), seal_keys.known_keys()
        if newest_epoch > present.epoch:
            later = present._replace(epoch=newest_epoch)
            if any(outside.newest(origin(tree, later), keys) for tree in Tree):
                into.highest_epoch = max(into.highest_epoch, newest_epoch)
                yield _("A head of epoch %(epoch)d was kept outside, which the log does not know.") % {
                    "epoch": newest_epoch
                }
            return
        for tree in Tree:
            head = outside.newest(origin(tree, present), keys)
            if head and head.size > _present_size(tree):
                yield _("The head over %(size)d %(tree)s that was kept outside is not one of this log.") % {
                    "size": head.size,
                    "tree": tree.label,
                }
    except (OSError, ImproperlyConfigured) as error:
        logger.warning("The heads that are kept outside could not be compared with the log: %s", error)


def _present_size(tree: Tree) -> int:
    """How many leaves a tree has by now: fewer than a head has, after a restore, and never through tampering with it.

    A head that is no larger, and that the rows contradict, begins no epoch: that is forgery, for `verify` to tell.
    """
    mark = feed.mark()
    with suppress(trees.TreeDiffers):
        trees.extend(tree, mark.position if tree == Tree.EVENTS else mark.number)
    return trees.size(tree)


def _newest_epoch_outside(present: Identity) -> int:
    """The epoch of the last head of this log in the file; 0 if there is none. No signature is verified here."""
    path = outside.file()
    if path is None or not path.exists() or not path.stat().st_size:
        return 0
    prefix = f"{seal_keys.name()}/{present.log_id}/".encode()
    with path.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as content:
        at = content.rfind(prefix)
        digits = content[at + len(prefix) : at + len(prefix) + 12].partition(b"/")[0] if at >= 0 else b""
    return int(digits) if digits.isdigit() else 0
