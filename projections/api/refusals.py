"""The codes that queries are refused with, and the HTTP status of each; and the refusals that several views raise."""

from eventstore.decider import Refused, phrase
from eventstore.http.errors import add_codes

add_codes(
    {
        404: """
            CUSTOMER_NOT_FOUND ACCOUNT_NOT_FOUND HOLD_NOT_FOUND APPROVAL_NOT_FOUND TRANSFER_NOT_FOUND
            STATEMENT_NOT_FOUND COMMAND_NOT_FOUND
        """
    }
)


def account_not_found() -> Refused:
    """The refusal of an account that does not exist, is another customer's, or was not open yet."""
    return Refused("ACCOUNT_NOT_FOUND", phrase("There is no such account."), field="account_id")
