"""The Django app of the read side."""

from importlib import import_module

from django.apps import AppConfig
from django.core import checks
from django.utils.translation import gettext_lazy as _


class ProjectionsConfig(AppConfig):
    """Registers the projectors, the check of issued statements, and their guard against imports."""

    name = "projections"
    verbose_name = _("Read models")

    def ready(self) -> None:
        """Imports the projectors, which declares them; they need the models, so it has to wait until here."""
        import_module("projections.projectors")
        from eventstore.checks import GUARDS_TAG
        from eventstore.signals import events_appended
        from projections.statements.checks import check_statements
        from projections.statements.guard import refuse_issued_months

        checks.register(check_statements, GUARDS_TAG, checks.Tags.database)
        events_appended.connect(refuse_issued_months, dispatch_uid="projections.statements")
