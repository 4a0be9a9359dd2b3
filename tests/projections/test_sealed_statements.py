"""An issued statement tells the signed head that it is sealed under: one for ever, on the page and in the PDF."""

from base64 import b64encode

import pypdfium2
import pytest
from django.test import Client

from eventstore.integrity.sealer import seal
from eventstore.models import Event, TreeHead
from projections.models import Account
from projections.statements.issuance import issue
from tests.factories import DepositFactory, owner_of
from tests.history import opened, paid_in, registered, utc

pytestmark = pytest.mark.django_db


@pytest.fixture
def account() -> Account:
    account = opened(registered(utc(2026, 1, 5)), utc(2026, 1, 10), label="Savings")
    paid_in(account, 100_000, utc(2026, 2, 1), "Salary")
    issue()
    return account


def get(account: Account, ending: str = "", language: str = "en") -> bytes:
    client = Client()
    client.force_login(owner_of(account.account_id))
    client.cookies["django_language"] = language
    answer = client.get(f"/accounts/{account.account_id}/statements/2026-02{ending}")
    assert answer.status_code == 200
    return answer.content


def text_of(paper: bytes) -> str:
    document = pypdfium2.PdfDocument(paper)
    text = " ".join(page.get_textpage().get_text_range() for page in document)
    return "".join(text.split())


def test_it_says_that_it_is_not_sealed_yet(account: Account) -> None:
    assert "Notsealedyet" in text_of(get(account, ".pdf"))
    assert "not sealed yet" in get(account).decode()


def test_it_prints_the_earliest_head_that_covers_it_for_ever(account: Account) -> None:
    seal()
    head = TreeHead.objects.get(tree="events")
    paper = get(account, ".pdf")
    for told in (f"{head.size}", b64encode(bytes(head.root)).decode(), head.note.partition("\n")[0]):
        assert told in text_of(paper)
        assert told in get(account).decode()
    DepositFactory.create(account=account, amount=1)
    seal()
    assert TreeHead.objects.filter(tree="events").count() == 2
    assert get(account, ".pdf") == paper


def test_a_later_head_is_not_needed_by_an_earlier_month(account: Account) -> None:
    seal()
    DepositFactory.create(account=account, amount=1)
    assert TreeHead.objects.get(tree="events").size < Event.objects.count()
    assert "Sealedunderthehead" in text_of(get(account, ".pdf"))


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_nothing_leaves_the_page(account: Account, language: str) -> None:
    seal()
    document = pypdfium2.PdfDocument(get(account, ".pdf", language))
    width = document[0].get_width()
    page = document[0].get_textpage()
    assert max(page.get_charbox(index)[2] for index in range(page.count_chars())) < width - 50


def test_a_month_that_is_not_issued_promises_nothing(account: Account) -> None:
    seal()
    DepositFactory.create(account=account, amount=1)
    client = Client()
    client.force_login(owner_of(account.account_id))
    month = client.get(f"/accounts/{account.account_id}/statements").context["months"][0]
    assert not month.issued
    page = client.get(f"/accounts/{account.account_id}/statements/{month.period}")
    assert "proof" not in page.content.decode().partition("<main")[2].partition("</main>")[0]
    assert client.get(f"/accounts/{account.account_id}/statements/{month.period}/proof").status_code == 404
