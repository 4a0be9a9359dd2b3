"""The start of the site: whom a restore has brought back is erased again before anything is served."""

from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError

from eventstore import personal


def erase_again() -> int:
    """Erases who is on the erasure list; returns how many. A database that is away is looked at by its runner, later.

    Raises ImproperlyConfigured if the list can't be read: nobody could say whom the site may not know any more.
    """
    try:
        return len(personal.apply_missing())
    except personal.ErasureListUnavailable as error:
        raise ImproperlyConfigured(
            f"{error} The site is not served without it, as a restore may have brought back who was erased. Repair the "
            "place; or, if you know that nothing was restored, start once without ERASURE_LIST."
        ) from error
    except (DatabaseError, LookupError):
        return 0
