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
from accounts.services.emails import ask_slowly
from accounts.services.registration import register_customer, update_request
from accounts.users.access import Customers
from accounts.users.taken_emails import register_slowly
from eventstore.decider import Refused
from eventstore.decider import phrase as _
from eventstore.execute import CommandRequest, Receipt, execute_request
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
        help_text="At least 8 characters; common ones, and the words of this site, are refused.",
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
    email_unconfirmed = serializers.BooleanField(
        required=False,
        help_text="True if a new e-mail was sent: the present one counts until the link in the mail is followed.",
    )
    locale = serializers.CharField()
    timezone = serializers.CharField()


@command_operation(
    "create_customer",
    "Register a customer",
    "Anybody may, and works at once. A mail asks to confirm the address: until then whoever proves to own it may take "
    "it back. The key is scoped to the e-mail; the password is never stored, but the fingerprint covers it.",
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

    def execute(self, http_command: HttpCommand) -> Response:
        """Makes the customer and their sign-in, or neither, unless this address has asked too often."""
        details = {**http_command.body, **http_command.options}
        receipt = register_slowly(self.request._request, lambda: register_customer(http_command.key, **details))
        return self.respond(http_command, receipt)

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
    "Customers change their own name, e-mail, language and time zone. A new e-mail, and with it the sign-in, counts "
    "once the customer has followed the link that is sent there.",
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

    def execute(self, http_command: HttpCommand) -> Response:
        """Changes the details; one with an e-mail is counted first."""
        if "email" not in http_command.body:
            return super().execute(http_command)
        receipt = ask_slowly(
            self.request._request,
            lambda: execute_request(self.command_request(http_command)),
            actor=self.user.actor,
            key=http_command.key,
            dry_run=http_command.dry_run,
        )
        return self.respond(http_command, receipt)
