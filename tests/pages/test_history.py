"""The history of an account, page by page."""

from datetime import UTC, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.domain.commands import Deposit
from accounts.services.ids import new_id
from accounts.services.use_cases import send_command
from accounts.users.models import User
from projections.models import Account, Entry
from projections.views import ENTRIES_PER_PAGE
from tests.factories import AccountFactory, CustomerFactory, DepositFactory
from tests.pages.browser import text_of


@pytest.fixture
def path(account: Account) -> str:
    return f"/accounts/{account.account_id}"


def deposit_times(account: Account, times: int) -> None:
    for number in range(times):
        DepositFactory.create(account=account, amount=1, reference=f"no. {number}")


def test_lines_are_newest_first_each_with_the_balance_after_it(client: Client, account: Account, path: str) -> None:
    DepositFactory.create(account=account, amount=50)
    text = text_of(client.get(path))
    assert text.index("100.50") < text.index("+0.50") < text.index("+100.00")


def test_the_pages_together_show_every_line_once(client: Client, account: Account, path: str) -> None:
    deposit_times(account, 2 * ENTRIES_PER_PAGE)
    seen, address = [], path
    while address:
        page = client.get(address)
        seen += page.context["entries"]
        address = path + page.context["older"] if page.context["older"] else ""
    assert [line.position for line in seen] == sorted(Entry.objects.values_list("position", flat=True), reverse=True)


def test_lines_that_are_added_meanwhile_shift_nothing(client: Client, account: Account, path: str) -> None:
    deposit_times(account, ENTRIES_PER_PAGE)
    older = path + client.get(path).context["older"]
    before = client.get(older).context["entries"]
    deposit_times(account, 3)
    assert client.get(older).context["entries"] == before


def test_the_first_page_needs_no_pager_when_it_is_the_only_one(client: Client, path: str) -> None:
    assert 'class="pager"' not in text_of(client.get(path))


def test_a_later_page_leads_back_to_the_newest(client: Client, account: Account, path: str) -> None:
    deposit_times(account, ENTRIES_PER_PAGE)
    page = client.get(path + client.get(path).context["older"])
    assert f'href="{path}"' in text_of(page)


@pytest.mark.parametrize("before", ["1", "0", "-1", "9" * 30])
def test_there_may_be_nothing_older_or_everything(client: Client, path: str, before: str) -> None:
    assert client.get(path, {"before": before}).status_code == 200


@pytest.mark.parametrize("name", ["before", "position"])
def test_an_address_that_makes_no_sense_is_a_bad_request(client: Client, path: str, name: str) -> None:
    page = client.get(path, {name: "yesterday"})
    assert page.status_code == 400
    assert "We could not read that" in text_of(page)


def test_each_line_leads_to_its_proof(client: Client, account: Account, path: str) -> None:
    entry = Entry.objects.get()
    assert f'href="/entries/{entry.entry_id}"' in text_of(client.get(path))
    text = text_of(client.get(f"/entries/{entry.entry_id}"))
    assert client.get(f"/entries/{entry.entry_id}").context["proof"].digest.hex() in text


def test_a_line_says_when_it_counts_from_and_when_it_was_recorded(client: Client, ada: User, account: Account) -> None:
    assert ada.customer_id
    opened = Account.objects.get().opened_at
    command = Deposit(account.account_id, ada.customer_id, new_id(), 1, timezone.now(), "", opened)
    entry_id = send_command(command, new_id(), actor=ada.actor).answer["entry_id"]
    page = client.get(f"/entries/{entry_id}")
    assert page.context["entry"].effective_at == opened
    assert page.context["proof"].recorded_at > opened


@pytest.mark.django_db
def test_times_are_those_of_the_customers_zone(client: Client) -> None:
    user = CustomerFactory.create(timezone="Asia/Tokyo")
    account = AccountFactory.create(owner=user, balance=1)
    client.force_login(user)
    entry = Entry.objects.get(account_id=account.account_id)
    there = entry.recorded_at.astimezone(UTC) + timedelta(hours=9)
    assert f"{there:%H:%M:%S} JST" in text_of(client.get(f"/entries/{entry.entry_id}"))
