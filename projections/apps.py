"""The Django app of the read side."""

from importlib import import_module

from django.apps import AppConfig
from django.core import checks
from django.utils.translation import gettext_lazy as _


class ProjectionsConfig(AppConfig):
    """Registers the projectors and the checks of issued statements and of time zones."""

    name = "projections"
    verbose_name = _("Read models")

    def ready(self) -> None:
        """Imports the projectors, which declares them; they need the models, so it has to wait until here."""
        import_module("projections.projectors")
        import_module("projections.statements.closed_time")  # declares what `verify` looks at
        from eventstore.checks import GUARDS_TAG
        from projections.statements.checks import check_statements
        from projections.time_zones import check_time_zones

        checks.register(check_statements, GUARDS_TAG, checks.Tags.database)
        checks.register(check_time_zones, GUARDS_TAG, checks.Tags.database)
