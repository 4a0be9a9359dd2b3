"""The roles of staff, each of which is a Django group, and the tasks that a role entitles to."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.users.models import User


class Role(StrEnum):
    """The roles, by the names of their groups. The names are stored: a new one needs a migration."""

    SUPPORT = "support"
    OPERATOR = "operator"
    APPROVER = "approver"
    AUDITOR = "auditor"


class StaffTask(StrEnum):
    """The tasks of staff, to which roles entitle."""

    VIEW = "view"
    OPEN_ACCOUNTS = "open_accounts"  # for a customer
    RESTRICT = "restrict"  # freeze and unfreeze accounts, suspend and reinstate customers
    CORRECT = "correct"  # reverse entries
    SET_LIMITS = "set_limits"  # of debits, and overdraft limits
    HANDLE_HOLDS = "handle_holds"
    ERASE = "erase"
    REQUEST_APPROVAL = "request_approval"
    APPROVE = "approve"  # or refuse a request


_SUPPORT: Final = frozenset({StaffTask.VIEW, StaffTask.OPEN_ACCOUNTS, StaffTask.RESTRICT})

TASKS_BY_ROLE: Final[Mapping[Role, frozenset[StaffTask]]] = {
    Role.SUPPORT: _SUPPORT,
    Role.OPERATOR: _SUPPORT
    | {StaffTask.CORRECT, StaffTask.SET_LIMITS, StaffTask.HANDLE_HOLDS, StaffTask.ERASE, StaffTask.REQUEST_APPROVAL},
    Role.APPROVER: frozenset({StaffTask.VIEW, StaffTask.APPROVE}),
    Role.AUDITOR: frozenset({StaffTask.VIEW}),
}


def roles_of(user: "User | AnonymousUser") -> frozenset[Role]:
    """The roles of a member of staff; a superuser has all of them, a customer none."""
    if not user.is_active or not user.is_staff:
        return frozenset()
    if user.is_superuser:
        return frozenset(Role)
    return frozenset(Role(name) for name in user.groups.filter(name__in=list(Role)).values_list("name", flat=True))


def is_entitled(user: "User | AnonymousUser", task: StaffTask) -> bool:
    """Whether a role of the user entitles to a task."""
    return any(task in TASKS_BY_ROLE[role] for role in roles_of(user))
