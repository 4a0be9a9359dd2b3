"""The Django app of the read side."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProjectionsConfig(AppConfig):
    """Holds the read models, and loads the projectors that keep them."""

    name = "projections"
    verbose_name = _("Read models")
