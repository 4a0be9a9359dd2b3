"""The parameters in the paths of query views, and what several of their queries say."""

from typing import Final

from eventstore.http.openapi import path_parameter

ACCOUNT_ID: Final = path_parameter("account_id", "The account.")
CUSTOMER_ID: Final = path_parameter("customer_id", "The customer.")
HOLD_ID: Final = path_parameter("hold_id", "The hold.")
TRANSFER_ID: Final = path_parameter("transfer_id", "The transfer.")
APPROVAL_ID: Final = path_parameter("approval_id", "The request for approval.")
PERIOD: Final = path_parameter("period", "The month, such as `2026-03`.", str)
COMMAND_KEY: Final = path_parameter("key", "The key that the command was sent with, or its `command_id`.", str)
CATEGORY: Final = path_parameter("category", "The category of the stream, such as `account`.", str)
POSITION: Final = path_parameter("position", "The position of the event in the log.", str)
COMMAND_ID: Final = path_parameter("command_id", "The command.")
STREAM_ID: Final = path_parameter("stream_id", "The id of the stream.")
EVENT_CATEGORY: Final = "Of the stream, such as `account`."
EVENT_TYPE: Final = "The stored name, such as `account.money_deposited`."
