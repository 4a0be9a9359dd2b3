"""The Django app of the write side."""

from importlib import import_module

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

from accounts.domain import rules  # noqa: F401 - importing the rules registers them
from accounts.users.permissions import let_roles_look


class AccountsConfig(AppConfig):
    """Holds the users, and knows the rules by which commands are decided."""

    name = "accounts"
    verbose_name = _("Customers and accounts")

    def ready(self) -> None:
        """Keep the groups' permissions in step with the models, and make known what is due."""
        post_migrate.connect(let_roles_look)
        import_module("accounts.services.scheduled")  # what is due makes itself known; it needs the models
