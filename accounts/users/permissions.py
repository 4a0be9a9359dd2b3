"""Permissions of the roles in the admin: every role views all models, and operators handle parked events."""

from collections.abc import Mapping
from typing import Any, Final

from django.apps import AppConfig
from django.apps import apps as installed_apps
from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.db import DEFAULT_DB_ALIAS, router
from django.db.models import Q, QuerySet

from accounts.users.roles import Role

APPS: Final = frozenset({"accounts", "eventstore", "projections"})
SECRETS: Final = frozenset({"sitekey", "subjectkey"})  # with these, erased data could be read in old backups
HANDLING: Final[Mapping[Role, frozenset[str]]] = {Role.OPERATOR: frozenset({"handle_parked"})}


def grant_role_permissions(
    app_config: AppConfig, using: str = DEFAULT_DB_ALIAS, apps: Apps = installed_apps, **_: Any
) -> None:
    """Grants each role its permissions on an app's models; runs after each migration and flush of the app.

    Not a migration itself: Django creates permissions only after the last migration, and models go on being added.
    """
    try:
        permission, group = apps.get_model("auth", "Permission"), apps.get_model("auth", "Group")
    except LookupError:  # migrated back to a state before these models
        return
    if app_config.label not in APPS or not router.allow_migrate_model(using, group):
        return
    create_permissions(app_config, using=using, apps=apps, verbosity=0)
    own = permission.objects.using(using).filter(content_type__app_label=app_config.label)
    for role in Role:
        granted = group.objects.using(using).get_or_create(name=role.value)[0].permissions
        granted.add(*permissions_of(role, own))


def permissions_of(role: Role, among: "QuerySet[Any]") -> "QuerySet[Any]":
    """Those of some permissions that a role has."""
    viewing = Q(codename__startswith="view_") & ~Q(content_type__model__in=SECRETS)
    return among.filter(viewing | Q(codename__in=HANDLING.get(role, ())), content_type__app_label__in=APPS)
