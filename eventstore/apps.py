"""Connects the app: its hooks into the log, its bookkeeping after `migrate`, its system checks."""

from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class EventstoreConfig(AppConfig):
    name = "eventstore"
    default_auto_field = "django.db.models.BigAutoField"  # whatever the project's setting is
    verbose_name = _("Event store")

    def ready(self) -> None:
        from eventstore import checks, decider
        from eventstore.backends import patience, prepare
        from eventstore.evolution.evolve_code import code_of
        from eventstore.keys import installation as keys
        from eventstore.log import identity
        from eventstore.projecting import installation, realtime
        from eventstore.relay.targets import declare_configured
        from eventstore.telemetry import configured as telemetry

        realtime.connect()
        patience.connect()
        decider.read_code_with(code_of)
        post_migrate.connect(installation.install, sender=self, dispatch_uid="eventstore.install")
        post_migrate.connect(keys.install, sender=self, dispatch_uid="eventstore.keys")
        post_migrate.connect(identity.install, sender=self, dispatch_uid="eventstore.identity")
        connection_created.connect(prepare, dispatch_uid="eventstore.prepare")
        checks.register()
        declare_configured()
        telemetry.start()
