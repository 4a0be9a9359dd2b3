"""The rights of a member of staff, as facts: who could do what, at any time. Pure, no database, no clock.

Whether a right is given is not decided here: the operator of the site does that, by `manage.py`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from accounts.domain.commands import SetStaffRights
from accounts.domain.events import StaffEvent, StaffRightsSet


@dataclass(frozen=True, slots=True)
class StaffRights:
    """What a member of staff may do; at first nothing, not even sign in. Roles and permissions are sorted."""

    roles: tuple[str, ...] = ()
    superuser: bool = False
    permissions: tuple[str, ...] = ()
    active: bool = False


def set_rights(rights: StaffRights, command: SetStaffRights) -> Iterator[StaffRightsSet]:
    """Records rights that differ from what they were; those that are so already need no event."""
    event = StaffRightsSet(
        command.staff_id,
        command.user_id,
        roles=command.roles,
        superuser=command.superuser,
        permissions=command.permissions,
        active=command.active,
    )
    if evolve(rights, event) != rights:
        yield event


def evolve(_rights: StaffRights, event: StaffEvent) -> StaffRights:
    """The rights after an event."""
    return StaffRights(event.roles, event.superuser, event.permissions, event.active)


def answered(rights: StaffRights, command: SetStaffRights) -> dict[str, Any]:
    """Answers with the rights, and whose they are."""
    return {
        "user_id": command.user_id,
        "roles": list(rights.roles),
        "superuser": rights.superuser,
        "permissions": list(rights.permissions),
        "active": rights.active,
    }
