"""A code of a second factor opens once, also where many send it at the same moment."""

from collections.abc import Callable
from functools import partial

import pytest
from django.db import connection

from accounts.users.factors import use_code
from accounts.users.models import User
from tests.factories import CustomerFactory
from tests.second_factors import code_of, give_app
from tests.torture.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def use(user: User, code: str) -> bool:
    try:
        return use_code(user, code)
    finally:
        connection.close()


@pytest.mark.parametrize("kind", ["app", "recovery"])
def test_of_many_who_send_a_code_one_gets_in(kind: str) -> None:
    user = CustomerFactory.create()
    recovery = give_app(user)
    code = code_of(user) if kind == "app" else recovery[0]
    tasks: list[Callable[[], bool]] = [partial(use, user, code) for _ in range(6)]
    assert sum(at_once(tasks)) == 1
