"""Members of staff: created and changed from the command line, by the operator of the site."""

from typing import Final

from django.contrib.auth.models import Group
from django.db import transaction

from accounts.domain.text import clean_email
from accounts.users.models import User
from accounts.users.roles import Role

SUPERUSER: Final = "superuser"  # no group: Django's own flag
ROLES: Final = (*Role, SUPERUSER)


class NotStaff(Exception):
    """The e-mail is a customer's; the rights of customers and staff never mix."""


@transaction.atomic
def make_staff(email: str, role: str, password: str | None) -> tuple[User, bool]:
    """Creates or changes a member of staff with one role; returns the user, and whether the user is new.

    A user without a password can't sign in. Raises NotStaff if the e-mail is a customer's, and Refused if it is no
    e-mail.
    """
    user = User.objects.filter(email=clean_email(email)).first()
    is_new = user is None
    user = user or User(email=clean_email(email))
    if user.customer_id:
        raise NotStaff(f"{user.email} is a customer. Choose another e-mail for the member of staff.")
    user.is_staff, user.is_active, user.is_superuser = True, True, role == SUPERUSER
    user.set_password(password)
    user.save()
    user.groups.set(Group.objects.filter(name=role))
    return user, is_new
