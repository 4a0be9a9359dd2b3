"""Who may call: by token or session; customers for themselves, members of staff by their role."""

import re
from typing import Final

from django.utils.translation import gettext_lazy as _
from rest_framework import authentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.users.models import User
from accounts.users.roles import StaffTask, is_entitled

_TOKEN: Final = re.compile(r"[0-9a-f]{40}")


class TokenAuthentication(authentication.TokenAuthentication):
    """A token in the header; what can't be one is not looked for, as a database would choke on some of it."""

    def authenticate_credentials(self, key: str) -> tuple[User, str]:
        """The user whose token it is, and the token; raises AuthenticationFailed."""
        user = User.objects.by_token(key) if _TOKEN.fullmatch(key) else None
        if user is None:
            raise AuthenticationFailed(_("Invalid token."))
        if not user.is_active:
            raise AuthenticationFailed(_("User inactive or deleted."))
        return user, key


class Customers(BasePermission):
    """For customers alone: members of staff don't act in their place."""

    message = _("Only a customer may do this, for themselves.")

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Whether it is a customer."""
        return request.user.is_authenticated and request.user.customer_id is not None


class Staff(BasePermission):
    """For members of staff whose role lets them look."""

    message = _("Only members of staff with a role may do this.")

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Whether it is one of them."""
        return is_entitled(request.user, StaffTask.VIEW)


class CustomersAndStaff(Customers):
    """For customers, about themselves, and for members of staff, about everybody."""

    message = Staff.message

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Whether it is one of them."""
        return super().has_permission(request, view) or is_entitled(request.user, StaffTask.VIEW)


def staff_who(task: StaffTask) -> type[BasePermission]:
    """For members of staff whose role entitles them to a task."""

    class Entitled(BasePermission):
        message = _("Your role does not let you do this.")

        def has_permission(self, request: Request, view: APIView) -> bool:
            return is_entitled(request.user, task)

    return Entitled


def customers_and(task: StaffTask) -> type[BasePermission]:
    """For customers, and for members of staff whose role entitles them to a task."""

    class CustomersAndEntitled(Customers):
        message = _("Your role does not let you do this.")

        def has_permission(self, request: Request, view: APIView) -> bool:
            return super().has_permission(request, view) or is_entitled(request.user, task)

    return CustomersAndEntitled


def sees(user: User, customer_id: object) -> bool:
    """Whether a user who was let in may know of what belongs to a customer."""
    return user.customer_id is None or user.customer_id == customer_id
