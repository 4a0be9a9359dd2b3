"""Callers of API views and their permissions: customers for themselves, members of staff by their role."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.users import session_times
from accounts.users.factors import lacks_second_factor
from accounts.users.roles import StaffTask, is_entitled
from eventstore.decider import Refused
from eventstore.decider import phrase as _phrase
from eventstore.http.endpoint import Endpoint
from eventstore.http.errors import add_codes

if TYPE_CHECKING:
    from accounts.users.models import User

add_codes({401: "SECOND_FACTOR_REQUIRED"})  # here, so that it is known before the first endpoint is described


class UserEndpoint(Endpoint):
    """An endpoint whose callers are users of this project; members of staff need a second factor, if the site says so.

    Who has one gave it for the token, or for the session: what was opened without it ended when it was added.
    """

    def check_permissions(self, request: Request) -> None:
        """Raises Refused SECOND_FACTOR_REQUIRED for members of staff who lack one, and what the permissions raise."""
        if lacks_second_factor(request.user):
            raise Refused(
                "SECOND_FACTOR_REQUIRED", _phrase("Members of staff need a second factor here. Set one up on the site.")
            )
        super().check_permissions(request)

    @property
    def user(self) -> "User":
        """The signed-in user."""
        return cast("User", self.request.user)

    @property
    def proved_at(self) -> datetime | None:
        """When the caller last proved who they are: for the token, or in the session."""
        if self.request.auth is None:
            return session_times.proved_at(self.request._request.session)
        made: datetime = self.user.token_created_at
        return made if made.tzinfo else made.replace(tzinfo=UTC)  # SQLite has no time zones

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
