"""The app's wiring: projections listen to the signals of the log."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class EventstoreConfig(AppConfig):
    name = "eventstore"
    verbose_name = _("Event store")

    def ready(self) -> None:
        from eventstore.projecting import realtime, status
        from eventstore.signals import commands_recorded, events_appended

        events_appended.connect(realtime.project_events, dispatch_uid="eventstore.realtime")
        commands_recorded.connect(realtime.project_commands, dispatch_uid="eventstore.realtime")
        post_migrate.connect(status.install, sender=self, dispatch_uid="eventstore.install")
