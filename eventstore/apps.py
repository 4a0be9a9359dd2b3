"""Connects the app: its hooks into the log, its bookkeeping after `migrate`, its system checks."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class EventstoreConfig(AppConfig):
    name = "eventstore"
    default_auto_field = "django.db.models.BigAutoField"  # whatever the project's setting is
    verbose_name = _("Event store")

    def ready(self) -> None:
        from eventstore import checks
        from eventstore.projecting import installation, realtime

        realtime.connect()
        post_migrate.connect(installation.install, sender=self, dispatch_uid="eventstore.install")
        checks.register()
