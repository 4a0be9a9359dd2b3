"""Checks of the keys of personal data: the master key in the settings, and the site keys in the database."""

from collections.abc import Iterator
from typing import Any

from django.core.checks import CheckMessage, Error
from django.core.checks import Warning as CheckWarning
from django.core.exceptions import ImproperlyConfigured
from django.db.backends.base.base import BaseDatabaseWrapper

from eventstore.keys import ring, rotation
from eventstore.keys.masters import provided


def check_master_key(**_: Any) -> list[CheckMessage]:
    """Checks that there is a master key, and that it was drawn at random."""
    try:
        provided()
    except ImproperlyConfigured as error:
        cause, _dot, hint = str(error).partition(". ")
        return [Error(f"{cause}, so no command can be stored.", hint=hint, id="eventstore.E060")]
    except Exception as error:
        return [
            Error(
                f"The provider of master keys fails: {error!r}",
                hint="Correct PERSONAL_DATA_KEY_PROVIDER, or what it asks. It is called without parameters, and "
                "returns the master keys, the one first that encrypts.",
                id="eventstore.E060",
            )
        ]
    return []


def site_keys(_connection: BaseDatabaseWrapper) -> Iterator[CheckMessage]:
    """Checks that the master key is the one that the database was written with, and that rotations are finished."""
    if check_master_key():
        return  # said already
    if problem := ring.problem():
        cause, is_wrong, _rest = problem.partition(ring.WRONG_KEY)
        hint = ring.WRONG_KEY if is_wrong else "Nothing can be recorded until then."
        yield Error(cause.strip(), hint=hint, id="eventstore.E061")
    elif left := rotation.outdated():
        yield CheckWarning(
            f"A rotation is not finished: {', '.join(left.masters) or 'an older site key'} is still needed, by "
            f"{left.subjects:,} keys of persons among others.",
            hint="manage.py rotate_keys",
            id="eventstore.W062",
        )
