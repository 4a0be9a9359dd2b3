"""A role with the printed rights runs the site."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client

from accounts.users.models import User
from eventstore import feed, personal
from eventstore.checks import doctor
from eventstore.checks.doctor.findings import Level
from eventstore.projecting.declaration.registry import projections
from eventstore.projecting.rebuild import rebuild, take_back
from eventstore.projecting.runner.heartbeat import Heartbeat
from eventstore.projecting.runner.runner import position_of
from projections.models import Account
from tests.factories import PASSWORD, AccountFactory, CustomerFactory
from tests.role_fixtures import acting, grant

pytestmark = pytest.mark.postgresql


def test_the_role_executes_commands_and_runs_projections(granted: None) -> None:
    with acting():
        ada = CustomerFactory.create()
        AccountFactory.create(owner=ada, balance=10_000)
        call_command("run_projections", "--once")
        Heartbeat(["journal_legs"]).beat()
        assert position_of(projections["journal_legs"]) == feed.advance().position > 0


def test_the_role_serves_pages(granted: None, client: Client) -> None:
    with acting():
        ada = CustomerFactory.create(name="Ada Lovelace")
        account = AccountFactory.create(owner=ada, balance=10_000)
        assert client.login(username=ada.email, password=PASSWORD)
        for address in ("/", f"/accounts/{account.pk}", "/profile", "/api/v1/accounts"):
            assert client.get(address).status_code == 200


def test_the_role_can_look_after_itself(granted: None) -> None:
    """It is examined, its rows are proved, and a person is forgotten."""
    with acting():
        ada: User = CustomerFactory.create()
        call_command("check_projections", stdout=StringIO())  # which exits with 3 if a row is not what it should be
        assert ada.customer_id
        assert personal.erase(ada.customer_id)
        found = {finding.subject: finding for finding in doctor.examine()}
    assert found["role"].level == Level.OK, found["role"]
    assert found["migrations"].level == Level.OK


def test_the_role_reads_a_table_that_is_taken_back(role: None, db: None) -> None:
    """Its rights were printed while the table stood aside."""
    rebuild([projections["accounts"]])
    grant()
    take_back(projections["accounts"])
    with acting():
        assert Account.objects.count() == 0
