"""Every task of a customer works in a browser that runs no scripts."""

import pytest

from tests.journeys.test_first_transfer import become_a_customer_with_an_account, pay, pay_in, the_history_shows_it
from tests.journeys.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_an_impatient_customer_pays_once(visitor_without_scripts: Visitor) -> None:
    visitor = visitor_without_scripts
    iness = become_a_customer_with_an_account(visitor, "Ines", "Harbour")
    visitor.sign_out()
    miras = become_a_customer_with_an_account(visitor, "Mira", "Everyday")
    pay_in(visitor, "1000", "Salary")
    pay(visitor, iness, "950.50", "Rent")
    the_history_shows_it(visitor, miras)
