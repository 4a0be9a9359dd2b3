"""A customer reads their statements, on a phone."""

import pytest

from projections.models import Account
from projections.statements.issuance import issue
from tests.factories import PASSWORD
from tests.history import opened, paid_in, registered, taken_out, utc
from tests.journeys.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def savings(transactional_db: None) -> Account:
    """An account with issued months, made before the browser starts: after that no test can query the database."""
    ada = registered(utc(2026, 1, 5))
    account = opened(ada, utc(2026, 1, 10), timezone="Asia/Tokyo", label="Savings")
    paid_in(account, 123_456, utc(2026, 1, 20), "Salary of a long month, " * 4, effective_at=utc(2026, 1, 15))
    taken_out(account, 3_000, utc(2026, 1, 28))
    issue()
    ada.set_password(PASSWORD)
    ada.save()
    return account


def test_from_the_account_to_a_month(savings: Account, visitor: Visitor) -> None:
    visitor.go("/sign-in")
    visitor.fill("E-mail", "ada@example.org")
    visitor.fill("Password", PASSWORD)
    visitor.press("Sign in")
    visitor.go(f"/accounts/{savings.account_id}")
    visitor.follow("Statements")
    visitor.reads("Not issued yet")
    visitor.follow("January 2026")
    visitor.reads("Statement 1, issued on")
    visitor.reads("Effective on Jan. 15, 2026")
    visitor.reads("1,204.56")
    with visitor.page.expect_download() as download:
        visitor.page.get_by_role("link", name="PDF").click()
    assert download.value.suggested_filename.startswith("statement-2026-01-")
