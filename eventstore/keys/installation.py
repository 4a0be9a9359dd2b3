"""The keys of a new database are made after `migrate`, and looked at anew after whatever else emptied tables."""

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import CommandError
from django.db import router

from eventstore.backends import in_database, store
from eventstore.errors import KeysUnavailable
from eventstore.keys import ring
from eventstore.models import SiteKey


def install(using: str, **_: object) -> None:
    """Make the site's keys, or open those that there are; runs after `migrate` and `flush`.

    Raises CommandError in a process with the wrong master key: it must not adopt a database of another.
    """
    ring.forget()
    if not router.allow_migrate_model(using, SiteKey):
        return  # another database
    with in_database(using):
        if store().subscribes():
            return  # they come with the log that is followed
        if SiteKey._meta.db_table in store().connection.introspection.table_names():
            _open()


def _open() -> None:
    try:
        ring.ring()
    except (KeysUnavailable, ImproperlyConfigured) as error:
        raise CommandError(str(error)) from error
