"""The statements of an account, as pages and as files."""

import csv
import io

import pytest
from django.test import Client
from django.utils import timezone

from projections.models import Account
from projections.statements import sheets, views
from projections.statements.issuance import issue
from tests.factories import AccountFactory, CustomerFactory, DepositFactory, StaffFactory, owner_of
from tests.history import opened, paid_in, registered, taken_out, utc
from tests.pages.browser import path_of, text_of


@pytest.fixture
def savings(db: None, client: Client) -> Account:
    """Ada's account, opened in January 2026 in Tokyo; she is signed in."""
    ada = registered(utc(2026, 1, 5))
    account = opened(ada, utc(2026, 1, 10), timezone="Asia/Tokyo", label="Savings")
    paid_in(account, 10_000, utc(2026, 1, 20), "Salary", effective_at=utc(2026, 1, 15))
    taken_out(account, 3_000, utc(2026, 2, 28, 16), "=cmd|' /C calc'!A0")
    issue()
    client.force_login(ada)
    return account


@pytest.fixture
def path(savings: Account) -> str:
    return f"/accounts/{savings.account_id}/statements"


def test_the_account_leads_to_its_statements_and_these_to_each_month(client: Client, path: str) -> None:
    assert f'href="{path}"' in text_of(client.get(path.removesuffix("/statements")))
    page = client.get(path)
    for month in page.context["months"]:
        assert f'href="{path}/{month.period}"' in text_of(page)
        assert client.get(f"{path}/{month.period}").status_code == 200


def test_the_months_are_listed_newest_first_page_by_page(
    client: Client, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "MONTHS_PER_PAGE", 5)
    periods, address = [], path
    while address:
        page = client.get(address)
        periods += [month.period for month in page.context["months"]]
        address = path + page.context["older"] if page.context["older"] else ""
    assert periods[0] == f"{timezone.localtime(timezone=timezone.get_fixed_timezone(540)):%Y-%m}"
    assert periods == sorted(periods, reverse=True)
    assert periods[-1] == "2026-01"
    assert text_of(client.get(f"{path}?before=nonsense")).count("<tr>") == 0


def test_a_statement_shows_its_figures_and_entries(client: Client, path: str) -> None:
    text = text_of(client.get(f"{path}/2026-01"))
    assert "Statement of January 2026" in text
    assert "Ada Lovelace" in text
    assert "Statement 1, issued on" in text
    assert "Salary" in text
    assert "Effective on Jan. 15, 2026" in text
    assert text.count("100.00") >= 3
    assert "SHA-256" in text


def test_days_and_months_are_those_of_the_account(client: Client, path: str) -> None:
    assert "Nothing happened in this month." in text_of(client.get(f"{path}/2026-02"))
    assert "March 1, 2026" in text_of(client.get(f"{path}/2026-03"))


def test_a_month_that_goes_on_says_so(client: Client, savings: Account, path: str) -> None:
    DepositFactory.create(account=savings, amount=1)
    newest = client.get(path).context["months"][0]
    text = text_of(client.get(f"{path}/{newest.period}"))
    assert "Not issued yet" in text
    assert "SHA-256" not in text


def test_it_speaks_chinese_too(client: Client, path: str) -> None:
    page = client.get(f"{path}/2026-01", headers={"Accept-Language": "zh-hans"})
    assert page.status_code == 200
    assert "2026年1月" in text_of(page)
    assert client.get(f"{path}/2026-01.pdf", headers={"Accept-Language": "zh-hans"}).content.startswith(b"%PDF-")


def test_what_people_wrote_is_escaped(client: Client, savings: Account, path: str) -> None:
    DepositFactory.create(account=savings, amount=1, reference="<script>alert(1)</script>")
    newest = client.get(path).context["months"][0]
    text = text_of(client.get(f"{path}/{newest.period}"))
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)" in text


def test_the_csv_runs_nothing(client: Client, path: str) -> None:
    answer = client.get(f"{path}/2026-03.csv")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"].startswith('attachment; filename="statement-2026-03-')
    rows = list(csv.DictReader(io.StringIO(answer.content.decode(), newline="")))
    assert [row["kind"] for row in rows] == ["opening", "withdrawal", "closing"]
    assert rows[1]["reference"] == "'=cmd|' /C calc'!A0"


def test_the_pdf_of_an_issued_month_is_the_same_file_each_time(client: Client, path: str) -> None:
    first, second = (client.get(f"{path}/2026-01.pdf") for _ in range(2))
    assert first["Content-Type"] == "application/pdf"
    assert first.content == second.content
    assert len(first.content) > 5_000


def test_a_month_with_more_entries_than_anybody_reads_leads_to_the_csv(
    client: Client, savings: Account, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheets, "MAX_ENTRIES_SHOWN", 1)
    for _ in range(2):
        DepositFactory.create(account=savings, amount=1, reference="Drop")
    newest = client.get(path).context["months"][0]
    text = text_of(client.get(f"{path}/{newest.period}"))
    assert "too many entries" in text
    assert "Drop" not in text
    assert client.get(f"{path}/{newest.period}.pdf").status_code == 200
    assert client.get(f"{path}/{newest.period}.csv").content.count(b"Drop") == 2


@pytest.mark.parametrize("period", ["2025-12", "2199-01", "2026-13", "nonsense"])
@pytest.mark.parametrize("ending", ["", ".csv", ".pdf"])
def test_there_is_no_other_month(client: Client, path: str, period: str, ending: str) -> None:
    assert client.get(f"{path}/{period}{ending}").status_code == 404


@pytest.mark.parametrize("ending", ["", "/2026-01", "/2026-01.csv", "/2026-01.pdf"])
def test_only_the_owner_sees_them(client: Client, path: str, ending: str) -> None:
    client.force_login(CustomerFactory.create())
    assert client.get(path + ending).status_code == 404
    client.force_login(StaffFactory.create())
    assert client.get(path + ending).status_code == 403
    client.logout()
    assert path_of(client.get(path + ending)) == "/sign-in"


@pytest.mark.parametrize(
    "text",
    ["你好 工资", "مرحبا", "שלום", "नमस्ते", "한국어", "สวัสดี", "Łódź", "Ελλάδα", "😀", "\U00010348", "́"],
)
def test_a_pdf_can_hold_whatever_people_write(db: None, client: Client, text: str) -> None:
    account = AccountFactory.create(owner=CustomerFactory.create(name=f"Ann {text}"), label=text.strip()[:9])
    DepositFactory.create(account=account, amount=1, reference=f"{text} for you" * 4)
    client.force_login(owner_of(account.account_id))
    address = f"/accounts/{account.account_id}/statements/{timezone.now():%Y-%m}.pdf"
    assert client.get(address).content.startswith(b"%PDF-")
