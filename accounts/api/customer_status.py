"""What staff decide about customers: suspension, reinstatement, erasure."""

from typing import ClassVar
from uuid import UUID

from rest_framework import serializers

from accounts.api.access import staff_who
from accounts.api.command_views import CommandResult, HttpCommand, PostCommandView
from accounts.api.reasons import ReasonSerializer
from accounts.api.schema import CUSTOMER_ID, command_operation
from accounts.domain.commands import EraseCustomer, ReinstateCustomer, SuspendCustomer
from accounts.services.use_cases import staff_task_for
from eventstore.decider import Refused
from eventstore.decider import phrase as _

EXAMPLE = {"reason": "Asked for it by letter"}
REFUSALS = "CUSTOMER_NOT_FOUND REASON_REQUIRED"

StatusCommand = SuspendCustomer | ReinstateCustomer | EraseCustomer


class CustomerStatusSerializer(CommandResult):
    """How the customer stands now."""

    customer_id = serializers.UUIDField()
    status = serializers.CharField(help_text="`active`, `suspended` or `erased`")


class CustomerStatusView(PostCommandView):
    """For members of staff, about any customer."""

    body = ReasonSerializer
    answer = CustomerStatusSerializer
    status = 200
    kind: ClassVar[type[StatusCommand]]

    def command(self, http_command: HttpCommand) -> StatusCommand:
        """Decide about the customer in the address."""
        return self.kind(self._customer, http_command.body["reason"])

    @property
    def _customer(self) -> UUID:
        found = self.id_of("customer_id")
        if found is None:
            raise Refused("CUSTOMER_NOT_FOUND", _("There is no such customer."), field="customer_id")
        return found


@command_operation(
    "Suspend a customer",
    "For support and operators. Their commands are refused from now on; money still arrives.",
    refuses=REFUSALS,
    path=[CUSTOMER_ID],
    example=EXAMPLE,
)
class SuspendCustomerView(CustomerStatusView):
    """`POST customers/{id}/suspend`."""

    permission_classes = (staff_who(staff_task_for(SuspendCustomer)),)
    kind = SuspendCustomer


@command_operation(
    "Reinstate a customer",
    "For support and operators. Nothing happens to a customer who is not suspended.",
    refuses=REFUSALS,
    path=[CUSTOMER_ID],
    example=EXAMPLE,
)
class ReinstateCustomerView(CustomerStatusView):
    """`POST customers/{id}/reinstate`."""

    permission_classes = (staff_who(staff_task_for(ReinstateCustomer)),)
    kind = ReinstateCustomer


@command_operation(
    "Erase a customer",
    "For operators, about customers without open accounts. All that is personal is forgotten, for good, and they can't "
    "sign in any more.",
    refuses=f"CUSTOMER_HAS_ACCOUNTS {REFUSALS}",
    path=[CUSTOMER_ID],
    example=EXAMPLE,
)
class EraseCustomerView(CustomerStatusView):
    """`POST customers/{id}/erase`."""

    permission_classes = (staff_who(staff_task_for(EraseCustomer)),)
    kind = EraseCustomer
