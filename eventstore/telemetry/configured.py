"""Who observes, by the settings. A package that is missing keeps no site from starting: a check and a line tell."""

import logging
from collections.abc import Iterator
from importlib.util import find_spec
from typing import Final

from django.conf import settings
from django.db.backends.signals import connection_created

from eventstore.telemetry.hooks import Observer, observe_by

TRACING: Final = "EVENTSTORE_TRACING"
METRICS: Final = "METRICS_LISTEN"
NEEDED: Final = {  # by setting: the module, and the package that brings it
    TRACING: ("opentelemetry.trace", "opentelemetry-api"),
    METRICS: ("prometheus_client", "prometheus-client"),
}

logger = logging.getLogger(__name__)


def start() -> None:
    """Begin to observe as the settings say."""
    lacking = dict(faults())
    for fault in lacking.values():
        logger.warning("%s", fault)
    if chosen := [observer for setting in NEEDED if setting not in lacking for observer in _observer(setting)]:
        observe_by(*chosen)


def faults() -> Iterator[tuple[str, str]]:
    """The settings that ask for a package that is not installed, each with a sentence."""
    for setting, (module, package) in NEEDED.items():
        if getattr(settings, setting, None) and not is_there(module):
            yield setting, f"{setting} needs the package {package}, which is not installed."


def is_there(module: str) -> bool:
    """Whether a module is installed; it is not imported."""
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # the package that it belongs to is missing
        return False


def _observer(setting: str) -> Iterator[Observer]:
    """The observer that a setting asks for, if it does; only then is anything imported."""
    if not getattr(settings, setting, None):
        return
    if setting == METRICS:
        from eventstore.telemetry.counting import Counting  # noqa: PLC0415 - an extra

        try:
            yield Counting(str(settings.METRICS_FOLDER))
        except OSError as error:
            logger.warning("Nothing is counted for METRICS_LISTEN, as METRICS_FOLDER can't be written: %s", error)
        return
    from eventstore.telemetry.cursors import wrap  # noqa: PLC0415 - for those who trace
    from eventstore.telemetry.tracing import Tracing  # noqa: PLC0415 - an extra

    connection_created.connect(wrap, dispatch_uid="eventstore.telemetry")
    yield Tracing()
