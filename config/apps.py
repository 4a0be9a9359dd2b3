"""The Django apps of the project itself: its commands, such as `serve`, and its admin site."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class ConfigConfig(AppConfig):
    """Registers the project's own management commands."""

    name = "config"
    default = True

    def ready(self) -> None:
        """Registers the project's system checks, and those of `check --deploy`; says where traces go."""
        import config.database_tls  # noqa: F401
        from config import checks, tracing

        checks.register()
        tracing.set_up()


class StaffAdminConfig(admin_apps.AdminConfig):
    """Django's admin, with our site."""

    default = False
    default_site = "config.staff_site.StaffSite"
