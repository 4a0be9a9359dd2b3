"""The start of a program that serves a log: it looks whether the database was replaced while nobody looked."""

from django.db import Error

__all__ = ["notice_restores"]


def notice_restores() -> None:
    """Begin a new epoch of the log if it was restored, promoted or moved with other tools; to be called at each start.

    So a cursor from before is refused, instead of naming other events. What was found is logged, and `doctor` shows it
    until a person has confirmed it. A database that is away, or not migrated, is for the program to tell of. Raises
    RestoreUnfinished while `manage.py restore` has not come to its end: what is there is a part of a log.
    """
    # Settings name this package, before there are models.
    from eventstore.integrity.restores import notice  # noqa: PLC0415
    from eventstore.log.whole import must_be_whole  # noqa: PLC0415

    try:
        must_be_whole()
        notice()
    except Error:
        return
