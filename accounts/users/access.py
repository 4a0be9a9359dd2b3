"""Callers of API views and their permissions: customers for themselves, members of staff by their role."""

from typing import TYPE_CHECKING, cast
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.users.roles import StaffTask, is_entitled
from eventstore.http.endpoint import Endpoint

if TYPE_CHECKING:
    from accounts.users.models import User


class UserEndpoint(Endpoint):
    """An endpoint whose callers are users of this project."""

    @property
    def user(self) -> "User":
        """The signed-in user."""
        return cast("User", self.request.user)

    @property
    def customer_id(self) -> UUID:
        """The signed-in customer, in a view for customers alone."""
        customer_id = self.user.customer_id
        assert customer_id
        return customer_id

    def may_see(self, customer_id: UUID | None) -> bool:
        """Whether a caller who was let in may see what belongs to a customer: staff may, customers only their own."""
        return self.user.customer_id in {None, customer_id}


class Customers(BasePermission):
    """Lets customers in; members of staff never act in their place."""

    message = _("Only a customer may do this, for themselves.")

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Whether the caller is a customer."""
        return request.user.is_authenticated and request.user.customer_id is not None


class Staff(BasePermission):
    """Lets members of staff in who have a role."""

    message = _("Only members of staff with a role may do this.")

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Whether the caller is a member of staff with a role."""
        return is_entitled(request.user, StaffTask.VIEW)


class CustomersAndStaff(Customers):
    """Lets customers in, for what is theirs, and members of staff with a role, for everything."""

    message = Staff.message

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Whether the caller is a customer, or a member of staff with a role."""
        return super().has_permission(request, view) or is_entitled(request.user, StaffTask.VIEW)


def staff_who(task: StaffTask) -> type[BasePermission]:
    """A permission for members of staff whose role includes a task."""

    class Entitled(BasePermission):
        message = _("Your role does not let you do this.")

        def has_permission(self, request: Request, view: APIView) -> bool:
            return is_entitled(request.user, task)

    return Entitled


def customers_and(task: StaffTask) -> type[BasePermission]:
    """A permission for customers, and for members of staff whose role includes a task."""

    class CustomersAndEntitled(Customers):
        message = _("Your role does not let you do this.")

        def has_permission(self, request: Request, view: APIView) -> bool:
            return super().has_permission(request, view) or is_entitled(request.user, task)

    return CustomersAndEntitled
