"""Answers that an e-mail is taken: they tell who is a customer, so nobody gets many of them.

    receipt = tell_slowly(request, lambda: execute_request(…))      # of a command that may be refused with EMAIL_TAKEN
    receipt = register_slowly(request, lambda: execute_request(…))  # of a registration: these are counted, too

Both raise TooManyAttempts. Once an address has had too many of these answers (`email_taken` in `ATTEMPT_RATES`),
nothing that could be refused so is decided for it until the window ends; not for free e-mails, and not as a dry run.
"""

from collections.abc import Callable

from django.http import HttpRequest

from accounts.users import security_log
from accounts.users.attempts import Attempt, TooManyAttempts, count, must_be_few
from eventstore.execute import Receipt
from eventstore.http.addresses import network_address

EMAIL_TAKEN = "EMAIL_TAKEN"


def register_slowly(request: HttpRequest, ask: Callable[[], Receipt]) -> Receipt:
    """The receipt of a registration, which is counted for the network address before it is decided."""
    try:
        count("sign_up", network_address(request))
    except TooManyAttempts:
        security_log.record("registration.throttled", request)
        raise
    return tell_slowly(request, ask)


def tell_slowly(request: HttpRequest, ask: Callable[[], Receipt]) -> Receipt:
    """The receipt of a command that may be refused with EMAIL_TAKEN; counts that, for the address and for the user."""
    try:
        must_be_few(_askers(request))
        receipt = ask()
        if receipt.refusal and receipt.refusal.code == EMAIL_TAKEN and not receipt.replayed:
            security_log.record("registration.email_taken", request, dry_run=receipt.dry_run)
            for scope, subject in _askers(request):
                count(scope, subject)
    except TooManyAttempts:
        security_log.record("registration.throttled", request)
        raise
    return receipt


def _askers(request: HttpRequest) -> list[Attempt]:
    user = request.user
    signed_in = [("email_taken", f"user {user.pk}")] if user.is_authenticated else []
    return [("email_taken", network_address(request)), *signed_in]
