"""Checks that everything that is declared belongs to an installed app: only there are shapes recorded and compared."""

import re
from collections.abc import Iterator

from django.apps import apps
from django.core import checks
from django.core.checks import CheckMessage

from eventstore import messages
from eventstore.evolution.gate import abbreviated
from eventstore.projecting.declaration.registry import projections

OF_TESTS = re.compile(r"(^|\.)(tests?|test_\w+|\w+_tests?|conftest|__main__)(\.|$)")


def check_apps(**_: object) -> list[CheckMessage]:
    """Checks that each module that declares messages or projections lies in an installed app, or is one of tests."""
    outside: dict[str, list[str]] = {}
    for module, name in _declared():
        if not (OF_TESTS.search(module) or apps.get_containing_app_config(module)):
            outside.setdefault(module.partition(".")[0], []).append(name)
    return [_error(package, sorted(names)) for package, names in sorted(outside.items())]


def _declared() -> Iterator[tuple[str, str]]:
    """The modules of declarations, each with a declared name."""
    for registry in (messages.events, messages.commands):
        for kind in registry.values():
            yield kind.cls.__module__, kind.name
    for projection in projections.values():
        yield projection.function.__module__, projection.name


def _error(package: str, names: list[str]) -> CheckMessage:
    return checks.Error(
        f"The package {package} declares {abbreviated(names)}, but belongs to no installed app. So nobody records the "
        "shapes of what it declares, and a change that makes stored data unreadable goes unnoticed.",
        hint=f"Add {package}, or the package in it that has an apps.py, to INSTALLED_APPS, import its declaring "
        "modules in its ready(), and run manage.py record_shapes.",
        id="eventstore.E009",
    )
