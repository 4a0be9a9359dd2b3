"""The examination of the erasure list: whether it is kept, and whether the database has erased all who are on it."""

from collections.abc import Iterator
from pathlib import Path

from eventstore.backends import store
from eventstore.checks.doctor.findings import Finding, act, fine, look
from eventstore.checks.doctor.reach import is_for_this_machine
from eventstore.errors import ErasureListUnavailable
from eventstore.keys import erase_again, erasure_list
from eventstore.keys.erasure_lines import Listing
from eventstore.keys.erasure_places import FilePlace, place

SUBJECT = "erasure list"
HOW = (
    "Set ERASURE_LIST to a file on another machine's disk, or to the URL of a service that appends what it is sent "
    "(docs/operations.md: Keep the erasure list)."
)
START = "manage.py run_projections --once"


def listed_erasures() -> Iterator[Finding]:
    """Examines the list that erasures are written into, and whether a restore has brought somebody back."""
    if store().subscribes():
        return  # erasures come with the log
    if not (kept := place()):
        yield _not_kept()
        return
    try:
        erasure_list.must_be_writable()
        listing = erasure_list.known()
    except ErasureListUnavailable as error:
        yield act(SUBJECT, f"{error} Until then nobody can be erased, and nothing starts.", "Repair that place.")
        return
    yield from _about(listing, kept.name)
    if isinstance(kept, FilePlace) and _is_beside_the_database(kept.path) and not is_for_this_machine():
        says = f"{kept.name} is in the folder of the database: what restores the one may restore the other."
        yield look(SUBJECT, says, HOW)


def _not_kept() -> Finding:
    if is_for_this_machine():
        return fine(SUBJECT, "None is kept, so a restore brings erased persons back; this site is for this machine.")
    return look(SUBJECT, "None is kept, so a restore of the database brings erased persons back.", HOW)


def _about(listing: Listing, name: str) -> Iterator[Finding]:
    if returned := erase_again.missing(listing.erased):
        yield act(SUBJECT, f"{_persons(len(returned))} on it can be read in the database again.", START)
    if listing.damaged:
        says = f"{listing.damaged:,} lines of it can't be read: a crash has torn them, or they were damaged since."
        yield look(SUBJECT, says, f"Compare {name} with a copy of it; delete those lines if no erasure is missing.")
    if begun := erase_again.unsettled(listing):
        yield look(SUBJECT, f"{len(begun):,} erasures on it were begun, and not committed.", START)
    if not (returned or listing.damaged or begun):
        yield fine(SUBJECT, f"{name} can be written, and names {_persons(len(listing.erased))}; all are erased here.")


def _persons(number: int) -> str:
    return f"{number:,} person{'' if number == 1 else 's'}"


def _is_beside_the_database(path: Path) -> bool:
    file = store().file
    return file is not None and path.resolve().parent == file.resolve().parent
