"""Changes of role end sessions and tokens, whoever makes them: the admin, a command, a line in a shell."""

from collections.abc import Collection
from typing import Any

from django.contrib.auth.models import Group
from django.db.models.signals import m2m_changed, pre_delete
from django.dispatch import receiver

from accounts.users.managers import RAISED
from accounts.users.models import User


@receiver(m2m_changed, sender=User.groups.through)
@receiver(m2m_changed, sender=User.user_permissions.through)
def end_access_with_role(
    instance: Any, action: str, reverse: bool, pk_set: Collection[int] | None, using: str, **_: Any
) -> None:
    """End the sessions and tokens of who gets a group or a permission, or loses one."""
    if action not in {"post_add", "post_remove", "pre_clear"} or pk_set == set():
        return
    users = User.objects.using(using)
    if not reverse:
        users.filter(pk=instance.pk).update(access_version=RAISED)
        instance.refresh_from_db(using=using, fields=["access_version"])
    elif pk_set is None:  # a group or a permission is taken from all who have it
        instance.user_set.using(using).update(access_version=RAISED)
    else:
        users.filter(pk__in=pk_set).update(access_version=RAISED)


@receiver(pre_delete, sender=Group)
def end_access_with_group(instance: Group, using: str, **_: Any) -> None:
    """End the sessions and tokens of who was in a group that is deleted."""
    User.objects.using(using).filter(groups=instance).update(access_version=RAISED)
