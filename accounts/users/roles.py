"""What staff may do beyond looking: the roles of the domain, each of which is a Django group."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.users.models import User


class Role(StrEnum):
    """The names of the groups. They are stored: a new name needs a migration."""

    SUPPORT = "support"
    OPERATOR = "operator"
    APPROVER = "approver"
    AUDITOR = "auditor"


class StaffTask(StrEnum):
    """What a role may entitle to."""

    LOOK = "look"
    OPEN_ACCOUNTS = "open_accounts"  # for a customer
    RESTRICT = "restrict"  # freeze accounts, suspend customers, and take both back
    CORRECT = "correct"  # reverse entries
    SET_LIMITS = "set_limits"  # and overdrafts
    HANDLE_HOLDS = "handle_holds"
    ERASE = "erase"
    ASK_APPROVAL = "ask_approval"
    APPROVE = "approve"  # or refuse


_SUPPORT: Final = frozenset({StaffTask.LOOK, StaffTask.OPEN_ACCOUNTS, StaffTask.RESTRICT})

TASKS_BY_ROLE: Final[Mapping[Role, frozenset[StaffTask]]] = {
    Role.SUPPORT: _SUPPORT,
    Role.OPERATOR: _SUPPORT
    | {StaffTask.CORRECT, StaffTask.SET_LIMITS, StaffTask.HANDLE_HOLDS, StaffTask.ERASE, StaffTask.ASK_APPROVAL},
    Role.APPROVER: frozenset({StaffTask.LOOK, StaffTask.APPROVE}),
    Role.AUDITOR: frozenset({StaffTask.LOOK}),
}


def roles_of(user: "User | AnonymousUser") -> frozenset[Role]:
    """The roles of a member of staff; a superuser has all of them, a customer none."""
    if not user.is_active or not user.is_staff:
        return frozenset()
    if user.is_superuser:
        return frozenset(Role)
    return frozenset(Role(name) for name in user.groups.filter(name__in=list(Role)).values_list("name", flat=True))


def may(user: "User | AnonymousUser", task: StaffTask) -> bool:
    """Whether any role of the user entitles to a task."""
    return any(task in TASKS_BY_ROLE[role] for role in roles_of(user))
