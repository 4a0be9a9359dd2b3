"""The ring: the site's own keys, opened once in each process by the master keys that it was given.

A process that can't open them has the wrong master key. It can neither store a command nor read personal data, so
nothing is ever written that the right key could not read.
"""

import os
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from django.core.exceptions import ImproperlyConfigured
from django.db.models import Max

from eventstore.backends import log_database, log_transaction, store
from eventstore.backends.configured import setting
from eventstore.errors import KeysUnavailable
from eventstore.keys.masters import CannotUnwrap, MasterKey, provided, unseal
from eventstore.keys.strength import KEY_BYTES
from eventstore.models import SiteKey, SubjectKey

SAMPLE = 100  # oldest and newest keys of persons by which a master key is tried that has no site key yet

_SETTINGS = (
    "PERSONAL_DATA_KEY",
    "PERSONAL_DATA_KEYS_OLD",
    "PERSONAL_DATA_KEY_FILE",
    "PERSONAL_DATA_KEY_PROVIDER",
)
# By the settings that they were opened with, as a test may change these.
_rings: dict[Hashable, "Ring"] = {}
_opened: dict[tuple[Hashable, bytes], bytes] = {}  # site keys by what is stored of them: no KMS is asked twice


@dataclass(frozen=True)
class Ring:
    """The site's keys in clear: for hashes, and for the keys of persons by id, the last of which is the current one."""

    hashing: bytes = field(repr=False)
    wrapping: Mapping[UUID, bytes] = field(repr=False)

    @property
    def current(self) -> UUID:
        """The id of the key that encrypts the keys of new persons."""
        return list(self.wrapping)[-1]


def ring(*, fresh: bool = False) -> Ring:
    """The ring, from this process's memory or, if `fresh`, from the database; makes its keys in a new database.

    Raises KeysUnavailable if the master keys don't open it, and ImproperlyConfigured if there are none.
    """
    place = _configuration()
    if fresh or place not in _rings:
        _rings.pop(place, None)
        rows = rows_in_order()
        found = _remembering(place, rows or _make())
        if rows or not store().connection.in_atomic_block:  # what is rolled back must not be remembered
            _rings[place] = found
        return found
    return _rings[place]


def forget() -> None:
    """Open the ring anew when it is needed next: the database was emptied, or its keys were rotated."""
    _rings.clear()


def _remembering(place: Hashable, rows: Sequence[SiteKey]) -> Ring:
    masters = provided()
    for row in rows:
        if (place, bytes(row.wrapped)) not in _opened:
            _opened[place, bytes(row.wrapped)] = open_one(row, masters)
    return _ring({row: _opened[place, bytes(row.wrapped)] for row in rows})


def opened(rows: Sequence[SiteKey], masters: Sequence[MasterKey]) -> Ring:
    """The ring in these rows. Raises KeysUnavailable, with the master key that is missing."""
    return _ring({row: open_one(row, masters) for row in rows})


def _ring(keys: Mapping[SiteKey, bytes]) -> Ring:
    hashing = next(key for row, key in keys.items() if row.purpose == SiteKey.Purpose.HASH)
    return Ring(hashing, {row.id: key for row, key in keys.items() if row.purpose == SiteKey.Purpose.WRAP})


def open_one(row: SiteKey, masters: Sequence[MasterKey]) -> bytes:
    """One site key in clear. Raises KeysUnavailable."""
    by_id = {master.id: master for master in masters}
    if row.master not in by_id:
        raise KeysUnavailable(
            f"This database's personal data was written with the master key {row.master} (of {row.created_at:%Y-%m-%d}"
            f"), but this process has {', '.join(by_id)}. {WRONG_KEY}"
        )
    return _unwrapped(by_id[row.master], bytes(row.wrapped), f"the site key {row}")


WRONG_KEY = (
    "Set PERSONAL_DATA_KEY to the one that the database was written with. To take a new one, name the old one in "
    "PERSONAL_DATA_KEYS_OLD, then type: manage.py rotate_keys"
)


def _unwrapped(master: MasterKey, wrapped: bytes, name: str) -> bytes:
    try:
        return master.unwrap(wrapped)
    except CannotUnwrap as error:
        raise KeysUnavailable(
            f"The master key {master.id} does not open {name}: its row was changed. Restore the table "
            "eventstore_sitekey from a backup."
        ) from error
    except Exception as error:
        raise KeysUnavailable(f"The provider of the master key {master.id} does not answer: {error!r}") from error


def new_row(purpose: str, key: bytes, master: MasterKey) -> SiteKey:
    """A site key to store, with the next number."""
    last = SiteKey.objects.using(log_database()).aggregate(last=Max("number"))["last"] or 0
    return SiteKey(id=uuid4(), number=last + 1, purpose=purpose, wrapped=master.wrap(key), master=master.id)


def rows_in_order() -> Sequence[SiteKey]:
    """All site keys, the current one last."""
    return list(SiteKey.objects.using(log_database()).order_by("number"))


def _make() -> Sequence[SiteKey]:
    """Make the keys of a new database, or adopt those of one from before there were site keys.

    Two processes may do so at once: the numbers are unique, so the second one waits, and takes the keys of the first.
    """
    if store().subscribes():
        raise KeysUnavailable("The keys come with the log that this database follows, and have not arrived yet.")
    masters = provided()
    first, *others = _adopted(masters) or [masters[0]]
    with log_transaction():
        hashing = SiteKey(id=uuid4(), number=1, purpose=SiteKey.Purpose.HASH, master=first.id)
        hashing.wrapped = first.wrap(_derived(first, b"fingerprint") or os.urandom(KEY_BYTES))
        SiteKey.objects.using(log_database()).bulk_create([hashing], ignore_conflicts=True)
        if SiteKey.objects.using(log_database()).filter(pk=hashing.pk).exists():
            for master in [*others, first]:
                key = _derived(master, b"wrap") or os.urandom(KEY_BYTES)
                new_row(SiteKey.Purpose.WRAP, key, master).save(using=log_database(), force_insert=True)
    return rows_in_order()


def _adopted(masters: Sequence[MasterKey]) -> list[MasterKey]:
    """The master keys that keys of persons were encrypted with directly, the oldest first; none in a new database."""
    direct = SubjectKey.objects.using(log_database()).filter(site_key=None, wrapped__isnull=False)
    rows = [*direct.order_by("created_at")[:SAMPLE], *direct.order_by("-created_at")[:SAMPLE]]
    if not rows:
        return []
    openers = [master for row in rows for master in masters if _opens(_derived(master, b"wrap"), row)]
    if not openers:
        raise KeysUnavailable(
            "The personal data in this database was written with another master key than those that this process has "
            f"({', '.join(master.id for master in masters)}). {WRONG_KEY}"
        )
    return list(dict.fromkeys(openers))


def _opens(key: bytes | None, row: SubjectKey) -> bool:
    if key is None:
        return False
    try:
        unseal(key, bytes(row.wrapped or b""), row.subject_id.bytes)
    except CannotUnwrap:
        return False
    return True


def _derived(master: MasterKey, purpose: bytes) -> bytes | None:
    """What the key of a purpose was before there were site keys; None of a master key that is not given out."""
    derive: Callable[[bytes], bytes] | None = getattr(master, "derive", None)
    return derive(purpose) if derive else None


def _configuration() -> Hashable:
    return (log_database(), *[_hashable(setting(name)) for name in _SETTINGS])


def _hashable(value: Any) -> Hashable:
    return tuple(value) if isinstance(value, list) else value


def problem(*, fresh: bool = True) -> str | None:
    """Why this process can't open the ring; None if it can. Reads the database, unless it is not to be `fresh`."""
    try:
        ring(fresh=fresh)
    except (KeysUnavailable, ImproperlyConfigured) as error:
        return str(error)
    return None
