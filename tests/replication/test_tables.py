"""Each table of the engine is either a part of the log, which is copied, or of one database alone."""

from io import StringIO

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command

from eventstore.replication.tables import LOCAL, LOG


def test_a_new_table_is_put_where_it_belongs() -> None:
    assert {*LOG, *LOCAL} == {*apps.get_app_config("eventstore").get_models()}
    assert not {*LOG} & {*LOCAL}


@pytest.mark.sqlite
@pytest.mark.django_db
def test_sqlite_is_told_that_it_takes_postgresql() -> None:
    with pytest.raises(CommandError, match="takes PostgreSQL on both sides"):
        call_command("replicate_log", "--status", stdout=StringIO())
