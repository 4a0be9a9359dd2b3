"""The Django app of the write side."""

from importlib import import_module

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

from accounts.domain import rules  # noqa: F401 - importing the rules registers them
from accounts.users.permissions import grant_role_permissions


class AccountsConfig(AppConfig):
    """The app that holds the users; loading it registers the rules of the domain."""

    name = "accounts"
    verbose_name = _("Customers and accounts")

    def ready(self) -> None:
        """Connects the permissions of the roles to migrations, and registers the scheduled tasks."""
        post_migrate.connect(grant_role_permissions)
        import_module("accounts.services.scheduled")  # registers the scheduled tasks; it needs the models
