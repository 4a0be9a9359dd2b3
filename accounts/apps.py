"""The Django app of the write side."""

from importlib import import_module

from django.apps import AppConfig, apps
from django.core import checks
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

from accounts.domain import rules  # noqa: F401 - importing the rules registers them
from accounts.users.permissions import grant_role_permissions


class AccountsConfig(AppConfig):
    """The app that holds the users; loading it registers the rules of the domain, and the kinds of mails."""

    name = "accounts"
    verbose_name = _("Customers and accounts")

    def ready(self) -> None:
        """Connects roles' permissions to migrations, what follows a sign-in, scheduled tasks, and the security log."""
        post_migrate.connect(grant_role_permissions)
        import_module("accounts.users.session_times")  # hears of sign-ins
        import_module("accounts.users.sign_in_attempts")
        import_module("accounts.services.scheduled")  # registers the scheduled tasks; it needs the models
        import_module("accounts.services.mail.passwords")  # and these the mails
        import_module("accounts.services.mail.factors")
        import_module("accounts.services.mail.emails")
        from accounts.services.mail.checks import check_late_mails, check_mail_settings

        checks.register(check_mail_settings, checks.Tags.security)  # which `doctor` runs
        checks.register(check_late_mails, checks.Tags.security, checks.Tags.database)
        import_module("accounts.services.security_events")  # connects the security log to what happens
        import_module("accounts.services.rights_check")  # declare what `verify` looks at
        import_module("accounts.services.answers_check")
        import_module("accounts.services.customers_check")
        from accounts.services.staff_rights import take_in

        post_migrate.connect(take_in, sender=apps.get_app_config("auth"))  # when the event store is installed
        from accounts.services.erasure import customers_not_erased, erase_again
        from eventstore.personal import erase_again_by

        erase_again_by(customers_not_erased, erase_again)
