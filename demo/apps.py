"""The Django app of the demo world."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """Provides the command `demo_data`."""

    name = "demo"
