"""An older command store, whose commands have no digests, is taken in by the migration as it is."""

from uuid import UUID

import pytest
from django.core.management import call_command
from django.db import Error, connection, transaction

from eventstore.checks import database
from eventstore.execute import execute
from eventstore.models import Command, Epoch
from tests.eventstore.sample import Count, NotePerson
from tests.verified import verified

BEFORE, AFTER = "0009_drawn_under_the_lock", "0010_trust"


def digests() -> dict[int, bytes]:
    return {number: bytes(digest) for number, digest in Command.objects.values_list("number", "digest")}


@pytest.mark.django_db(transaction=True)
def test_commands_that_are_there_get_digests_and_the_guards_stand_again(sample: None) -> None:
    for number in range(3):
        execute(Count(UUID(int=1), 1), f"key é {number}", actor="ann €")
    execute(Count(UUID(int=1), 999), "refused", actor="ann €")
    execute(NotePerson(UUID(int=2), "Ann"), "personal", actor="bob")
    written = digests()
    try:
        call_command("migrate", "eventstore", BEFORE, verbosity=0)
        with connection.cursor() as cursor:
            columns = [
                each.name for each in connection.introspection.get_table_description(cursor, "eventstore_command")
            ]
        assert "digest" not in columns
    finally:
        call_command("migrate", verbosity=0)
    assert digests() == written
    assert list(Epoch.objects.values_list("cause", flat=True)) == [Epoch.Cause.TAKEN_IN]
    assert list(database.guards(connection)) == []
    with pytest.raises(Error, match="append-only"), transaction.atomic():
        Command.objects.update(actor="eve")
    verified()
