"""Optional settings, read where every command passes: Django raises and catches an error for each that is not set."""

from typing import Any

from django.conf import settings


def setting(name: str, default: Any = None) -> Any:
    """A setting of the project's, or the default where it has none; asked anew each time, as tests change settings."""
    is_set: bool = settings.is_overridden(name)  # type: ignore[misc]  # the stubs do not know it
    return getattr(settings, name) if is_set else default
