"""The web server's start: a process with the wrong master key stops before it serves anything."""

from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError


def refuse_wrong_keys() -> None:
    """Raises ImproperlyConfigured if the keys of personal data can't be opened; a database that is away can wait."""
    from eventstore import personal  # noqa: PLC0415 - needs the apps, which the application loads

    try:
        problem = personal.keys_problem()
    except DatabaseError:
        return
    if problem:
        raise ImproperlyConfigured(problem)
