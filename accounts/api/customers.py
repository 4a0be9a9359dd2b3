"""Becoming a customer, and changing what is known of one."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import handlers
from accounts.api.access import Customers
from accounts.api.acting import Act, Done, Order, Post
from accounts.api.fields import Strict, Text
from accounts.api.schema import CUSTOMER_ID, acts
from accounts.api.shapes import CustomerShape
from accounts.text import clean_email, clean_locale, clean_name, clean_timezone
from eventstore.decider import Refused
from eventstore.decider import phrase as _
from eventstore.execute import Request as Wanted
from eventstore.records import Receipt


class Registration(Strict):
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


class Details(Strict):
    """What is to change; the rest stays as it is."""

    name = Text(rule=clean_name, required=False)
    email = Text(rule=clean_email, required=False)
    locale = Text(rule=clean_locale, required=False)
    timezone = Text(rule=clean_timezone, required=False)


class Registered(Done, CustomerShape):
    """The new customer."""


class Updated(Done):
    """What was changed, and what the customer's language and time zone are now."""

    customer_id = serializers.UUIDField()
    name = serializers.CharField(required=False, help_text="If it was sent.")
    email = serializers.CharField(required=False, help_text="If it was sent.")
    locale = serializers.CharField()
    timezone = serializers.CharField()


@acts(
    "Register a customer",
    "Anybody may. The key is scoped to the e-mail; the password is never stored, but counts in what was asked.",
    refuses="EMAIL_TAKEN",
    anonymous=True,
    example={"name": "Ada Lovelace", "email": "ada@example.org", "password": "correct horse battery"},
)
class Register(Post):
    """`POST customers`."""

    permission_classes = (AllowAny,)
    body = Registration
    answer = Registered

    def wanted(self, order: Order) -> Wanted:
        """Make the customer and their sign-in, or neither."""
        return handlers.registration(order.key, **order.asked, **order.terms)

    def facts(self, order: Order, receipt: Receipt) -> Mapping[str, Any]:
        """The customer; name and e-mail as they were just sent, for answers are stored without personal data."""
        return {"name": order.asked["name"], "email": order.asked["email"], "status": "active", **receipt.answer}


@acts(
    "Change what is known of a customer",
    "Customers change their own name, e-mail (and with it their sign-in), language and time zone.",
    refuses="CUSTOMER_NOT_FOUND CUSTOMER_SUSPENDED EMAIL_TAKEN",
    path=[CUSTOMER_ID],
    example={"timezone": "Europe/Berlin"},
)
class Update(Act):
    """`PATCH customers/{id}`."""

    permission_classes = (Customers,)
    body = Details
    answer = Updated
    status = 200

    def patch(self, request: Request, **ids: str) -> Response:
        """Change one's own details."""
        return self.act(request)

    def wanted(self, order: Order) -> Wanted:
        """Change the details; somebody else is as good as nobody."""
        if self.id_of("customer_id") != self.customer_id:
            raise Refused("CUSTOMER_NOT_FOUND", _("There is no such customer."))
        details = {**order.asked, **order.terms}
        return handlers.change_of_details(self.customer_id, order.key, actor=self.user.actor, **details)

    def facts(self, order: Order, receipt: Receipt) -> Mapping[str, Any]:
        """The details; name and e-mail as they were just sent, for answers are stored without personal data."""
        return {**order.asked, **receipt.answer}
