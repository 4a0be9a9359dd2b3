"""Rights of staff as facts: each change is recorded in the transaction that makes it, so that no other goes unnoticed.

`accounts/services/rights_check.py` compares them with the tables of users and groups, for `manage.py verify`.
"""

from typing import Any, Final
from uuid import UUID, uuid5

from django.apps import apps
from django.db import connections
from django.db.migrations.loader import MigrationLoader
from django.dispatch import receiver

from accounts.domain.commands import SetStaffRights
from accounts.domain.events import StaffRightsSet
from accounts.domain.rules import STAFF
from accounts.domain.staff import StaffRights
from accounts.services.ids import new_id
from accounts.users.managers import superuser_made
from accounts.users.models import User
from eventstore import log
from eventstore.errors import RangeDetached
from eventstore.execute import execute
from eventstore.messages import type_of
from eventstore.models import Event, Stream

NAMESPACE: Final = UUID("0193aa5e-7c1f-7d3a-9b52-6f3f0a1c9e44")  # of the ids of streams; stored, so it never changes
TAKEN_IN: Final = "system:migrate"  # the actor of facts about rights that are older than such facts
_RIGHTS_SET: Final = type_of(StaffRightsSet).name


def staff_id(user_id: int) -> UUID:
    """The id of the stream of a member of staff."""
    return uuid5(NAMESPACE, f"staff:{user_id}")


def rights_in_tables(user: User) -> StaffRights:
    """What a user may do, by the tables that Django asks."""
    permissions = user.user_permissions.values_list("content_type__app_label", "codename")
    return StaffRights(
        roles=tuple(sorted(user.groups.values_list("name", flat=True))),
        superuser=user.is_superuser,
        permissions=tuple(sorted(f"{app}.{codename}" for app, codename in permissions)),
        active=user.is_active,
    )


def rights_in_facts(user_id: int) -> StaffRights:
    """What a member of staff may do, by the log."""
    return STAFF.load(staff_id(user_id))[0]


def has_facts(user: User) -> bool:
    """Whether the log says anything about the rights of a user."""
    return Stream.objects.filter(stream_id=staff_id(user.pk)).exists()


def record_rights(user: User, *, actor: str) -> None:
    """Records what a member of staff may do now; call it in the transaction that has changed it."""
    rights = rights_in_tables(User.objects.get(pk=user.pk))
    command = SetStaffRights(
        staff_id(user.pk),
        user.pk,
        roles=rights.roles,
        superuser=rights.superuser,
        permissions=rights.permissions,
        active=rights.active,
    )
    execute(command, new_id(), actor=actor)


def confirm_rights(user: User, *, actor: str) -> bool:
    """Records what a member of staff may do by the tables, if the log says otherwise; whether it did.

    So it is after a restore to an earlier time, which brings back users as they were when the archive was written.
    """
    if rights_in_tables(User.objects.get(pk=user.pk)) == rights_in_facts(user.pk):
        return False
    record_rights(user, actor=actor)
    return True


@receiver(superuser_made)
def _superuser_made(user: User, **_: Any) -> None:
    record_rights(user, actor="system:createsuperuser")


def take_in(using: str, **_: Any) -> None:
    """Records the rights that members of staff have on a site from before such facts; runs after `migrate`, once.

    Never again, once there is a fact: somebody with rights and without a fact is then for `verify` to find.
    """
    if not _is_migrated(using) or _may_have_facts(using):
        return
    for user in User.objects.using(using).filter(is_staff=True).order_by("pk"):
        rights = rights_in_tables(user)
        if rights == StaffRights():
            continue  # nothing was given; a demo world that is half imported has only such
        event = StaffRightsSet(
            staff_id(user.pk), user.pk, rights.roles, rights.superuser, rights.permissions, rights.active
        )
        log.append(STAFF.category, event.staff_id, [event], actor=TAKEN_IN, metadata={"taken_in": True})


def _may_have_facts(using: str) -> bool:
    """Whether there is a fact about rights, or may be one among those that lie in an archive alone."""
    try:
        log.must_hold_event(1)
    except RangeDetached:
        return True
    return Event.objects.using(using).filter(type=_RIGHTS_SET).exists()


def _is_migrated(using: str) -> bool:
    """Whether the database has users, and all migrations of the apps that this takes."""
    if using != log.log_database():
        return False
    connection = connections[using]
    if User._meta.db_table not in connection.introspection.table_names():
        return False
    if not User.objects.using(using).filter(is_staff=True).values("pk").exists():
        return False
    loader = MigrationLoader(connection)
    own = {leaf for leaf in loader.graph.leaf_nodes() if leaf[0] in {"accounts", "eventstore", "projections"}}
    return own <= loader.applied_migrations.keys() and apps.ready
