"""Becoming a customer, and changing what is known of one."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.access import Customers
from accounts.api.command_views import CommandResult, CommandView, HttpCommand, PostCommandView
from accounts.api.fields import StrictSerializer, Text
from accounts.api.schema import CUSTOMER_ID, command_operation
from accounts.api.serializers import CustomerSerializer
from accounts.domain.text import clean_email, clean_locale, clean_name, clean_timezone
from accounts.services.registration import registration_request, update_request
from eventstore.decider import Refused
from eventstore.decider import phrase as _
from eventstore.execute import CommandRequest, Receipt


class RegistrationSerializer(StrictSerializer):
    """Who wants to become a customer."""

    name = Text(rule=clean_name, help_text="At most 200 characters.")
    email = Text(
        rule=clean_email,
        help_text="What they sign in with; it belongs to one customer at a time, however it is spelled.",
    )
    password = Text(
        max_length=1000,
        like={"minLength": 8},
        help_text="At least 8 characters; common and merely numeric ones are refused.",
    )
    locale = Text(
        rule=clean_locale, required=False, help_text="The language of messages: `en` (if not given) or `zh-hans`."
    )
    timezone = Text(
        rule=clean_timezone,
        required=False,
        help_text="From the IANA database, such as `Europe/Berlin`; `UTC` if not given.",
    )


class DetailsSerializer(StrictSerializer):
    """What is to change; the rest stays as it is."""

    name = Text(rule=clean_name, required=False)
    email = Text(rule=clean_email, required=False)
    locale = Text(rule=clean_locale, required=False)
    timezone = Text(rule=clean_timezone, required=False)


class RegisteredSerializer(CommandResult, CustomerSerializer):
    """The new customer."""


class UpdatedSerializer(CommandResult):
    """What was changed, and what the customer's language and time zone are now."""

    customer_id = serializers.UUIDField()
    name = serializers.CharField(required=False, help_text="If it was sent.")
    email = serializers.CharField(required=False, help_text="If it was sent.")
    locale = serializers.CharField()
    timezone = serializers.CharField()


@command_operation(
    "Register a customer",
    "Anybody may. The key is scoped to the e-mail; the password is never stored, but counts in what was asked.",
    refuses="EMAIL_TAKEN",
    anonymous=True,
    example={"name": "Ada Lovelace", "email": "ada@example.org", "password": "correct horse battery"},
)
class RegisterCustomerView(PostCommandView):
    """`POST customers`."""

    permission_classes = (AllowAny,)
    body = RegistrationSerializer
    answer = RegisteredSerializer

    def command_request(self, http_command: HttpCommand) -> CommandRequest:
        """Make the customer and their sign-in, or neither."""
        return registration_request(http_command.key, **http_command.body, **http_command.terms)

    def result_fields(self, http_command: HttpCommand, receipt: Receipt) -> Mapping[str, Any]:
        """The customer; name and e-mail as they were just sent, for answers are stored without personal data."""
        return {
            "name": http_command.body["name"],
            "email": http_command.body["email"],
            "status": "active",
            **receipt.answer,
        }


@command_operation(
    "Change what is known of a customer",
    "Customers change their own name, e-mail (and with it their sign-in), language and time zone.",
    refuses="CUSTOMER_NOT_FOUND CUSTOMER_SUSPENDED EMAIL_TAKEN",
    path=[CUSTOMER_ID],
    example={"timezone": "Europe/Berlin"},
)
class UpdateCustomerView(CommandView):
    """`PATCH customers/{id}`."""

    permission_classes = (Customers,)
    body = DetailsSerializer
    answer = UpdatedSerializer
    status = 200

    def patch(self, request: Request, **ids: str) -> Response:
        """Change one's own details."""
        return self.act(request)

    def command_request(self, http_command: HttpCommand) -> CommandRequest:
        """Change the details; somebody else is as good as nobody."""
        if self.id_of("customer_id") != self.customer_id:
            raise Refused("CUSTOMER_NOT_FOUND", _("There is no such customer."))
        details = {**http_command.body, **http_command.terms}
        return update_request(self.customer_id, http_command.key, actor=self.user.actor, **details)

    def result_fields(self, http_command: HttpCommand, receipt: Receipt) -> Mapping[str, Any]:
        """The details; name and e-mail as they were just sent, for answers are stored without personal data."""
        return {**http_command.body, **receipt.answer}
