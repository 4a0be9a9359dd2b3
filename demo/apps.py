"""The Django app of the demo world."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """Carries the command `demo_data`."""

    name = "demo"
