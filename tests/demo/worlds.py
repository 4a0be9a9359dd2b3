"""Demo worlds for tests."""

from io import StringIO
from typing import Any, Final

from django.core.management import call_command

SMALL: Final = {"customers": 4, "events": 120}
WHOLE: Final = {"customers": 15, "events": 300}  # the whole cast, and all that happens to them


def make(**options: Any) -> str:
    """Makes a world, or finds it; returns what the command prints."""
    output = StringIO()
    call_command("demo_data", stdout=output, **{**SMALL, **options})
    return output.getvalue()
