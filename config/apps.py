"""The Django app of the project itself, which provides the command `serve`."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """Registers the project's own management commands."""

    name = "config"
