"""The check of rights, for `manage.py verify`: what users may do, against the facts that say who was given what."""

from collections.abc import Iterable, Iterator

from django.contrib.auth.models import Group, Permission
from django.db.models import Q

from accounts.domain.staff import StaffRights
from accounts.services.staff_rights import rights_in_facts, rights_in_tables
from accounts.users.models import User
from accounts.users.permissions import permissions_of
from accounts.users.roles import Role
from eventstore.integrity.checks import Finding, check_site

MANY = 500  # users that are looked at at a time


@check_site
def rights_as_recorded() -> Iterable[Finding]:
    """Whoever may do what no fact has given them, and groups that may do something else than `migrate` gives them."""
    yield from _users()
    yield from _groups()


def _users() -> Iterator[Finding]:
    for user in User.objects.filter(is_staff=True).order_by("pk").iterator(MANY):
        subject, found = f"user {user.pk}", rights_in_tables(user)
        if problem := _difference(found, rights_in_facts(user.pk)):
            yield Finding(subject, problem)
    with_rights = Q(is_superuser=True) | Q(groups__isnull=False) | Q(user_permissions__isnull=False)
    for pk in User.objects.filter(with_rights, is_staff=False).order_by("pk").values_list("pk", flat=True).distinct():
        yield Finding(f"user {pk}", "They are a customer, and have rights of staff.")
    for pk in User.objects.filter(is_staff=True, customer_id__isnull=False).order_by("pk").values_list("pk", flat=True):
        yield Finding(f"user {pk}", "They are a customer, and a member of staff.")


def _difference(found: StaffRights, recorded: StaffRights) -> str | None:
    """What a user may do that no fact has given, or the other way round, in a sentence; None if all is as recorded."""
    if found == recorded:
        return None
    return f"They have {_words(found)}; by the log it is {_words(recorded)}."


def _words(rights: StaffRights) -> str:
    roles = ("superuser",) * rights.superuser + rights.roles + rights.permissions
    return f"{', '.join(roles) or 'no role'}, {'may' if rights.active else 'may not'} sign in"


def _groups() -> Iterator[Finding]:
    everything = Permission.objects.all()
    for group in Group.objects.order_by("name"):
        if group.name not in set(Role):
            yield Finding(f"group {group.name}", "No migration makes this group, and no role has its name.")
            continue
        due = {_name(each) for each in permissions_of(Role(group.name), everything).select_related("content_type")}
        given = {_name(each) for each in group.permissions.select_related("content_type")}
        if more := sorted(given - due):
            yield Finding(f"group {group.name}", f"It may do more than its role: {', '.join(more)}.")
        if less := sorted(due - given):
            yield Finding(f"group {group.name}", f"It may do less than its role: {', '.join(less)} is missing.")


def _name(permission: Permission) -> str:
    return f"{permission.content_type.app_label}.{permission.codename}"
