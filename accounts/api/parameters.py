"""The parameters in the paths of command views."""

from typing import Final

from eventstore.http.openapi import path_parameter

ACCOUNT_ID: Final = path_parameter("account_id", "The account.")
CUSTOMER_ID: Final = path_parameter("customer_id", "The customer.")
HOLD_ID: Final = path_parameter("hold_id", "The hold.")
ENTRY_ID: Final = path_parameter("entry_id", "The entry; of a transfer, either leg's.")
APPROVAL_ID: Final = path_parameter("approval_id", "The request for approval.")
