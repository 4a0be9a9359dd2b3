"""A connection that breaks while a command is committed: try again, says the answer, and the key makes that safe.

The statement that writes, and the COMMIT, go to the server together (docs/decisions/0019-deferred-statements.md).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from eventstore.backends.postgresql.backend import PostgreSQL
from projections.models import Account, Entry
from tests.api.caller import Caller

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]
BODY = {"amount": "1.00"}
Breaking = Callable[[BaseDatabaseWrapper], None]


def end_session(session: BaseDatabaseWrapper) -> None:
    """End the server's side of a session, as a server does that is lost."""
    with psycopg.connect(**{**session.get_connection_params(), "cursor_factory": None}) as other:
        other.execute("SELECT pg_terminate_backend(%s, 60000)", [session.connection.info.backend_pid])


@contextmanager
def breaking(before: Breaking = lambda _: None, after: Breaking = lambda _: None) -> Iterator[None]:
    """Break the next commit, before it reaches the server or after the server has done it; the other ones go well."""
    send, tries = PostgreSQL.send_deferred, iter([True])

    def broken(backend: PostgreSQL, *, commit: bool) -> None:
        if not next(tries, False):
            return send(backend, commit=commit)
        before(backend.connection)
        send(backend, commit=commit)
        return after(backend.connection)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PostgreSQL, "send_deferred", broken)
        yield


def lose_the_answer(session: BaseDatabaseWrapper) -> None:
    end_session(session)
    with session.wrap_database_errors:
        session.connection.execute("SELECT 1")


@pytest.mark.parametrize(
    ("moment", "stored"), [({"before": end_session}, 0), ({"after": lose_the_answer}, 1)], ids=["before", "after"]
)
def test_a_command_whose_commit_is_unknown_is_sent_again_and_counts_once(
    ada: Caller, adas: Account, moment: dict[str, Breaking], stored: int
) -> None:
    path, entries = f"accounts/{adas.account_id}/deposits", Entry.objects.count()
    with breaking(**moment):
        lost = ada.post(path, BODY, key="salary")
    connection.close()
    assert lost.status == 503, lost.raw
    assert lost.headers["Retry-After"] == "1"
    assert Entry.objects.count() == entries + stored
    again = ada.post(path, BODY, key="salary")
    assert (again.status, again.body["balance"]) == (201, "101.00")
    assert Entry.objects.count() == entries + 1
