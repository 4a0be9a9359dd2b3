"""Tests with real transactions leave an empty log behind; where the guards are in the way, the error says so."""

from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.backends.base.operations import BaseDatabaseOperations
from django.test import TransactionTestCase

from eventstore import feed
from eventstore.execute import execute
from eventstore.models import Event
from eventstore.testing import FlushMixin
from tests.eventstore.sample import Count


@pytest.mark.django_db(transaction=True)
def test_a_flush_empties_the_log_and_leaves_the_guards(monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(2):
        execute(Count(uuid4(), 1), "key", actor="tester")
        assert feed.advance().position == Event.objects.get().position
        call_command("flush", interactive=False, verbosity=0)
    assert not Event.objects.exists()
    execute(Count(uuid4(), 1), "key", actor="tester")
    with pytest.raises(Exception, match="append-only"):
        Event.objects.all()._raw_delete(using="default")


@pytest.mark.django_db(transaction=True)
def test_without_help_the_error_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    execute(Count(uuid4(), 1), "key", actor="tester")
    django_s_own = BaseDatabaseOperations.execute_sql_flush.__get__(connection.ops)
    with monkeypatch.context() as patch:
        patch.setattr(connection.ops, "execute_sql_flush", django_s_own)
        with pytest.raises(CommandError, match=r"eventstore\.testing\.plugin.*FlushMixin"):
            call_command("flush", interactive=False, verbosity=0)
    assert Event.objects.count() == 1


class TestWithUnittest(FlushMixin, TransactionTestCase):
    def test_once(self) -> None:
        execute(Count(uuid4(), 1), "key", actor="tester")
        assert Event.objects.count() == 1

    def test_again(self) -> None:
        self.test_once()
