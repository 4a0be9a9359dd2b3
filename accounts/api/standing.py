"""What staff decide about customers: suspension, reinstatement, erasure."""

from functools import partial
from typing import ClassVar
from uuid import UUID

from rest_framework import serializers

from accounts import erasing
from accounts.api.access import staff_who
from accounts.api.acting import Done, Order, Post
from accounts.api.reasons import Reasoned
from accounts.api.schema import CUSTOMER_ID, acts
from accounts.commands import EraseCustomer, ReinstateCustomer, SuspendCustomer
from accounts.roles import Task
from eventstore.decider import Refused
from eventstore.decider import phrase as _
from eventstore.execute import Request as Wanted

EXAMPLE = {"reason": "Asked for it by letter"}
REFUSALS = "CUSTOMER_NOT_FOUND REASON_REQUIRED"

Standing = SuspendCustomer | ReinstateCustomer | EraseCustomer


class Stands(Done):
    """How the customer stands now."""

    customer_id = serializers.UUIDField()
    status = serializers.CharField(help_text="`active`, `suspended` or `erased`")


class Stand(Post):
    """For members of staff, about any customer."""

    permission_classes = (staff_who(Task.RESTRICT),)
    body = Reasoned
    answer = Stands
    status = 200
    kind: ClassVar[type[Standing]]

    def command(self, order: Order) -> Standing:
        """Decide about the customer in the address."""
        return self.kind(self._customer, order.asked["reason"])

    @property
    def _customer(self) -> UUID:
        found = self.id_of("customer_id")
        if found is None:
            raise Refused("CUSTOMER_NOT_FOUND", _("There is no such customer."), field="customer_id")
        return found


@acts(
    "Suspend a customer",
    "For support and operators. Their commands are refused from now on; money still arrives.",
    refuses=REFUSALS,
    path=[CUSTOMER_ID],
    example=EXAMPLE,
)
class Suspend(Stand):
    """`POST customers/{id}/suspend`."""

    kind = SuspendCustomer


@acts(
    "Reinstate a customer",
    "For support and operators. Nothing happens to a customer who is not suspended.",
    refuses=REFUSALS,
    path=[CUSTOMER_ID],
    example=EXAMPLE,
)
class Reinstate(Stand):
    """`POST customers/{id}/reinstate`."""

    kind = ReinstateCustomer


@acts(
    "Erase a customer",
    "For operators, about customers without open accounts. All that is personal is forgotten, for good, and they can't "
    "sign in any more.",
    refuses=f"CUSTOMER_HAS_ACCOUNTS {REFUSALS}",
    path=[CUSTOMER_ID],
    example=EXAMPLE,
)
class Erase(Stand):
    """`POST customers/{id}/erase`."""

    permission_classes = (staff_who(Task.ERASE),)
    kind = EraseCustomer

    def wanted(self, order: Order) -> Wanted:
        """With the decision goes all that is personal."""
        command = self.command(order)
        return self.by_user(order, command, alongside=partial(erasing.forget, command.customer_id))
