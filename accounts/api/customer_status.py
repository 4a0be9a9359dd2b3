"""The status of customers: suspension, reinstatement, erasure."""

from typing import ClassVar, Final
from uuid import UUID

from rest_framework import serializers

from accounts.api.command_views import CommandResult, HttpCommand, PostCommandView
from accounts.api.parameters import CUSTOMER_ID
from accounts.api.reasons import ReasonRequestSerializer
from accounts.domain.commands import EraseCustomer, ReinstateCustomer, SuspendCustomer
from accounts.services.use_cases import staff_task_for
from accounts.users.access import staff_who
from eventstore.decider import Refused
from eventstore.decider import phrase as _
from eventstore.http.openapi import command_operation

EXAMPLE: Final = {"reason": "Asked for it by letter"}
CUSTOMER_CODES: Final = "CUSTOMER_NOT_FOUND REASON_REQUIRED"

StatusCommand = SuspendCustomer | ReinstateCustomer | EraseCustomer


class CustomerStatusSerializer(CommandResult):
    """The status of a customer."""

    customer_id = serializers.UUIDField()
    status = serializers.CharField(help_text="`active`, `suspended` or `erased`")


class CustomerStatusView(PostCommandView):
    """The base of views in which staff change the status of a customer."""

    body = ReasonRequestSerializer
    answer = CustomerStatusSerializer
    status = 200
    command_class: ClassVar[type[StatusCommand]]

    def command(self, http_command: HttpCommand) -> StatusCommand:
        """The command to change the status; raises Refused for a malformed customer id."""
        return self.command_class(self._customer_in_address, http_command.body["reason"])

    @property
    def _customer_in_address(self) -> UUID:
        found = self.id_of("customer_id")
        if found is None:
            raise Refused("CUSTOMER_NOT_FOUND", _("There is no such customer."), field="customer_id")
        return found


@command_operation(
    "suspend_customer",
    "Suspend a customer",
    "For support and operators. The customer's commands are refused from now on; money still arrives.",
    tag="customers",
    refuses=CUSTOMER_CODES,
    path=[CUSTOMER_ID],
    example=EXAMPLE,
)
class SuspendCustomerView(CustomerStatusView):
    """`POST customers/{id}/suspend`."""

    permission_classes = (staff_who(staff_task_for(SuspendCustomer)),)
    command_class = SuspendCustomer


@command_operation(
    "reinstate_customer",
    "Reinstate a customer",
    "For support and operators. Nothing happens to a customer who is not suspended.",
    tag="customers",
    refuses=CUSTOMER_CODES,
    path=[CUSTOMER_ID],
    example=EXAMPLE,
)
class ReinstateCustomerView(CustomerStatusView):
    """`POST customers/{id}/reinstate`."""

    permission_classes = (staff_who(staff_task_for(ReinstateCustomer)),)
    command_class = ReinstateCustomer


@command_operation(
    "erase_customer",
    "Erase a customer",
    "For operators, about customers without open accounts. All personal data is forgotten, for good, and the customer "
    "can't sign in any more.",
    tag="customers",
    refuses=f"CUSTOMER_HAS_ACCOUNTS SIGN_IN_AGAIN {CUSTOMER_CODES}",
    path=[CUSTOMER_ID],
    example=EXAMPLE,
)
class EraseCustomerView(CustomerStatusView):
    """`POST customers/{id}/erase`."""

    permission_classes = (staff_who(staff_task_for(EraseCustomer)),)
    command_class = EraseCustomer
