"""Registration of customers, and changes of their details."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.command_views import CommandResult, CommandView, HttpCommand, PostCommandView
from accounts.api.fields import email_field, locale_field, name_field, timezone_field
from accounts.api.parameters import CUSTOMER_ID
from accounts.domain.text import NAME_LIMIT
from accounts.services.registration import registration_request, update_request
from accounts.users.access import Customers
from eventstore.decider import Refused
from eventstore.decider import phrase as _
from eventstore.execute import CommandRequest, Receipt
from eventstore.http.fields import StrictSerializer, Text
from eventstore.http.openapi import command_operation


class CustomerRequestSerializer(StrictSerializer):
    """The details of a new customer."""

    name = name_field(help_text=f"At most {NAME_LIMIT} characters.")
    email = email_field(
        help_text="The customer signs in with it; it belongs to one customer at a time, however it is spelled."
    )
    password = Text(
        max_length=1000,
        json_schema={"minLength": 8},
        help_text="At least 8 characters; common and merely numeric ones are refused.",
    )
    locale = locale_field(required=False, help_text="The language of messages: `en` (if not given) or `zh-hans`.")
    timezone = timezone_field(
        required=False, help_text="From the IANA database, such as `Europe/Berlin`; `UTC` if not given."
    )


class CustomerUpdateRequestSerializer(StrictSerializer):
    """The details to change; those that are not given stay as they are."""

    name = name_field(required=False)
    email = email_field(required=False)
    locale = locale_field(required=False)
    timezone = timezone_field(required=False)


class RegisteredCustomerSerializer(CommandResult):
    """The new customer, with the fields that `GET customers/{id}` answers."""

    customer_id = serializers.UUIDField()
    name = serializers.CharField()
    email = serializers.CharField()
    locale = serializers.CharField()
    timezone = serializers.CharField()
    status = serializers.CharField(help_text="`active`")


class UpdatedCustomerSerializer(CommandResult):
    """The changed details, and the language and time zone of the customer."""

    customer_id = serializers.UUIDField()
    name = serializers.CharField(required=False, help_text="If it was sent.")
    email = serializers.CharField(required=False, help_text="If it was sent.")
    locale = serializers.CharField()
    timezone = serializers.CharField()


@command_operation(
    "create_customer",
    "Register a customer",
    "Anybody may. The key is scoped to the e-mail; the password is never stored, but the fingerprint covers it.",
    tag="customers",
    refuses="EMAIL_TAKEN",
    anonymous=True,
    example={"name": "Ada Lovelace", "email": "ada@example.org", "password": "correct horse battery"},
)
class RegisterCustomerView(PostCommandView):
    """`POST customers`."""

    permission_classes = (AllowAny,)
    body = CustomerRequestSerializer
    answer = RegisteredCustomerSerializer

    def command_request(self, http_command: HttpCommand) -> CommandRequest:
        """The request that makes the customer and their sign-in, or neither."""
        return registration_request(http_command.key, **http_command.body, **http_command.options)

    def result_fields(self, http_command: HttpCommand, receipt: Receipt) -> Mapping[str, Any]:
        """The customer; name and e-mail come from the request, as answers are stored without personal data."""
        return {
            "name": http_command.body["name"],
            "email": http_command.body["email"],
            "status": "active",
            **receipt.answer,
        }


@command_operation(
    "update_customer",
    "Change the details of a customer",
    "Customers change their own name, e-mail (and with it their sign-in), language and time zone.",
    tag="customers",
    refuses="CUSTOMER_NOT_FOUND CUSTOMER_SUSPENDED EMAIL_TAKEN",
    path=[CUSTOMER_ID],
    example={"timezone": "Europe/Berlin"},
)
class UpdateCustomerView(CommandView):
    """`PATCH customers/{id}`."""

    permission_classes = (Customers,)
    body = CustomerUpdateRequestSerializer
    answer = UpdatedCustomerSerializer
    status = 200

    def patch(self, request: Request, **ids: str) -> Response:
        """Changes the caller's own details."""
        return self.act(request)

    def command_request(self, http_command: HttpCommand) -> CommandRequest:
        """The request that changes the details; raises Refused CUSTOMER_NOT_FOUND for another customer's."""
        if self.id_of("customer_id") != self.customer_id:
            raise Refused("CUSTOMER_NOT_FOUND", _("There is no such customer."))
        details = {**http_command.body, **http_command.options}
        return update_request(self.customer_id, http_command.key, actor=self.user.actor, **details)

    def result_fields(self, http_command: HttpCommand, receipt: Receipt) -> Mapping[str, Any]:
        """The details; name and e-mail come from the request, as answers are stored without personal data."""
        return {**http_command.body, **receipt.answer}
