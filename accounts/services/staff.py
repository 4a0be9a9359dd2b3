"""Members of staff: made and changed from the command line, by the operator of the site; each change is recorded."""

from typing import Any, Final

from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.domain.text import clean_email
from accounts.services.staff_rights import record_rights
from accounts.users.factors import remove_factors
from accounts.users.models import User
from accounts.users.roles import Role
from accounts.users.security_log import record

SUPERUSER: Final = "superuser"  # no group: Django's own flag
ROLES: Final = (*Role, SUPERUSER)
CHANGER: Final = "system:change_staff"  # the actor of changes from the command line, which knows no person


class NotStaff(Exception):
    """The e-mail is a customer's, or nobody's; the rights of customers and staff never mix."""


class LastSuperuser(Exception):
    """The change would leave nobody who may do everything."""


@transaction.atomic
def make_staff(email: str, role: str, password: str | None, *, actor: str = "system:create_staff") -> tuple[User, bool]:
    """Creates or changes a member of staff with one role; returns the user, and whether the user is new.

    A user without a password can't sign in. All sessions and tokens that the user had end. Raises NotStaff if the
    e-mail is a customer's, LastSuperuser, and Refused if it is no e-mail.
    """
    user = _locked(email)
    is_new = user is None
    user = user or User(email=clean_email(email))
    if user.customer_id:
        raise NotStaff(f"{user.email} is a customer. Choose another e-mail for the member of staff.")
    if role != SUPERUSER:
        must_not_be_last(user)
    user.email_confirmed_at = user.email_confirmed_at or timezone.now()  # who makes members of staff knows them
    user.is_staff, user.is_active, user.is_superuser = True, True, role == SUPERUSER
    user.set_password(password)
    user.save()
    user.groups.set(Group.objects.filter(name=role))
    user.user_permissions.clear()
    user.end_access()
    record_rights(user, actor=actor)
    record("staff.created" if is_new else "staff.role_changed", user=user.actor, role=role)
    return user, is_new


@transaction.atomic
def change_role(user: User, role: str, *, force: bool = False, actor: str = CHANGER) -> bool:
    """Gives a member of staff one role instead of what they had; returns whether that is a change.

    All their sessions and tokens end. Raises LastSuperuser, unless by `force`.
    """
    if role_of(user) == role:
        return False
    if role != SUPERUSER and not force:
        must_not_be_last(user)
    user.is_superuser = role == SUPERUSER
    user.save()
    user.groups.set(Group.objects.filter(name=role))
    user.user_permissions.clear()
    user.end_access()
    record_rights(user, actor=actor)
    record("staff.role_changed", user=user.actor, role=role)
    return True


@transaction.atomic
def set_active(user: User, active: bool, *, force: bool = False, actor: str = CHANGER) -> bool:
    """Lets a member of staff sign in, or not any more; returns whether that is a change.

    All their sessions and tokens end, and none comes back with them. Raises LastSuperuser, unless by `force`.
    """
    if user.is_active == active:
        return False
    if not active and not force:
        must_not_be_last(user)
    user.is_active = active
    user.save()
    user.end_access()
    record_rights(user, actor=actor)
    record("staff.activated" if active else "staff.deactivated", user=user.actor)
    return True


def sign_out(user: User) -> None:
    """Ends all sessions and tokens of a member of staff."""
    user.end_access()
    record("access.ended", user=user.actor)


def reset_factors(user: User) -> bool:
    """Removes all second factors of a member of staff, which ends their access; whether there were some."""
    had_some = user.has_second_factor
    remove_factors(user)
    return had_some


def member_of_staff(email: str) -> User:
    """The member of staff with an e-mail, locked until the transaction ends; raises NotStaff, and Refused."""
    user = _locked(email)
    if user is None:
        raise NotStaff(f"Nobody has the e-mail {clean_email(email)}. Make a member of staff with create_staff.")
    if user.customer_id:
        raise NotStaff(f"{user.email} is a customer. This command changes members of staff only.")
    return user


def role_of(user: User) -> str:
    """The role of a member of staff; several are named one after the other, and none is an empty text."""
    if user.is_superuser:
        return SUPERUSER
    return ", ".join(user.groups.order_by("name").values_list("name", flat=True))


def facts_of(user: User) -> dict[str, Any]:
    """What scripts are told of a member of staff."""
    return {"email": user.email, "actor": user.actor, "role": role_of(user), "active": user.is_active}


def must_not_be_last(user: User) -> None:
    """Raises LastSuperuser for the only superuser who may sign in."""
    if list(User.objects.filter(is_superuser=True, is_active=True)) == [user]:
        raise LastSuperuser(f"{user.email} is the last superuser who may sign in. Make another one first.")


def _locked(email: str) -> User | None:
    """The user with an e-mail, locked together with all superusers: two of these don't leave at once.

    All are locked in one order, so that two changes never wait for each other. Raises Refused if it is no e-mail.
    """
    email = clean_email(email)
    locked = User.objects.select_for_update().filter(Q(email=email) | Q(is_superuser=True)).order_by("pk")
    return next((user for user in locked if user.email == email), None)
