"""Forgeries of the keys of persons: exchanged, changed, taken away without an erasure, kept in spite of one."""

from pathlib import Path
from random import Random

from django.utils import timezone

from eventstore.keys.subjects import key_to_write
from eventstore.models import SubjectKey
from tests.torture.forgeries.other_values import flipped_bit
from tests.torture.forgeries.registry import forgery


@forgery
def two_persons_keys_exchanged(rng: Random, _file: Path) -> str:
    one, two = rng.sample(_keys(), 2)
    for row, other in ((one, two), (two, one)):
        SubjectKey.objects.filter(pk=row.pk).update(wrapped=other.wrapped, site_key=other.site_key)
    return f"the keys of {one} and {two} exchanged"


@forgery
def a_persons_key_changed(rng: Random, _file: Path) -> str:
    row = rng.choice(_keys())
    SubjectKey.objects.filter(pk=row.pk).update(wrapped=flipped_bit(rng, bytes(row.wrapped or b"")))
    return f"the key of {row} changed"


@forgery
def a_persons_key_deleted(rng: Random, _file: Path) -> str:
    """Without a trace; or another one is in its place, as the next command about them makes it."""
    row = rng.choice(_keys())
    SubjectKey.objects.filter(pk=row.pk).delete()
    if rng.random() < 0.5:
        key_to_write(row.pk)
        return f"the key of {row} deleted, and made anew"
    return f"the key of {row} deleted"


@forgery
def an_erased_persons_key_kept(rng: Random, _file: Path) -> str:
    """They are erased by the row, and whoever has the row can still read what is personal."""
    row = rng.choice(_keys())
    SubjectKey.objects.filter(pk=row.pk).update(erased_at=timezone.now())
    return f"the key of {row} kept though they were erased"


def _keys() -> list[SubjectKey]:
    return list(SubjectKey.objects.filter(erased_at=None).order_by("pk"))
