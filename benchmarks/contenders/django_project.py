"""The Django project that the peers on Django's ORM run in."""

from collections.abc import Sequence

import django
from django.conf import settings
from django.core.management import call_command

from benchmarks.contenders.worker import Task


def set_up(task: Task, apps: Sequence[str]) -> None:
    """Configure a project of these apps; the first member of a team makes their tables."""
    database = {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": task.host,
        "NAME": task.database,
        "USER": task.user,
        "CONN_MAX_AGE": None,
    }
    settings.configure(DATABASES={"default": database}, INSTALLED_APPS=apps, USE_TZ=False)
    django.setup()
    if task.member == 0:
        call_command("migrate", verbosity=0)
