"""Demo worlds for tests."""

from io import StringIO
from typing import Any, Final

from django.core.management import call_command

SMALL: Final = {"customers": 4, "events": 120}
WHOLE: Final = {"customers": 15, "events": 300}  # the whole cast, and all that happens to them


def make(**options: Any) -> str:
    """Make a world, or find it; what is told."""
    told = StringIO()
    call_command("demo_data", stdout=told, **{**SMALL, **options})
    return told.getvalue()
