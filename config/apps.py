"""The Django app of the project itself: it carries the command `serve`."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """Registers the project's own management commands."""

    name = "config"
