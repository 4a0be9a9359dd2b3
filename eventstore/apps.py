"""The app's wiring: what `migrate` and `check` do for it."""

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
