"""Every operation of the API, called in all ways that its description allows and in many that it does not.

The same calls each time, so that a failure is one for everybody. To make others, and more of them:

    EXPLORE=500 .venv/bin/pytest tests/contract [--database=postgresql]
"""

from typing import Any

from django.db import transaction
from hypothesis import HealthCheck, settings
from schemathesis import Case

from accounts.services.staff import SUPERUSER
from tests.authorization.world import World
from tests.contract.description import make_real, schema
from tests.tokens import token_of

CALLERS = ("anonymous", "owner", SUPERUSER)  # what each role may not is the matter of tests/authorization


@schema.parametrize()
@settings(deadline=None, suppress_health_check=list(HealthCheck))
def test_it_answers_as_it_is_described(case: "Case[Any]", real: World) -> None:
    make_real(case)
    for kind in CALLERS:
        user = real.people.get(kind)
        headers = {"Authorization": f"Token {token_of(user)}"} if user else {}
        with transaction.atomic():
            case.call_and_validate(headers=headers)
            transaction.set_rollback(True)
