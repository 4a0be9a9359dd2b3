"""The product uses of the engine what any project may use: names that a public module lists in `__all__`."""

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

PRODUCT = ("accounts", "config", "demo", "projections")
PUBLIC = (
    "eventstore.admin",
    "eventstore.admin.show",
    "eventstore.analysis",
    "eventstore.catalogue",
    "eventstore.checks",
    "eventstore.checks.watch",
    "eventstore.decider",
    "eventstore.due",
    "eventstore.errors",
    "eventstore.execute",
    "eventstore.feed",
    "eventstore.forms",
    "eventstore.integrity.checks",
    "eventstore.keys",
    "eventstore.live",
    "eventstore.log",
    "eventstore.management.command",
    "eventstore.messages",
    "eventstore.models",
    "eventstore.personal",
    "eventstore.projecting",
    "eventstore.projecting.inspect",
    "eventstore.projecting.parking",
    "eventstore.projecting.rebuild",
    "eventstore.projecting.runner",
    "eventstore.proofs",
    "eventstore.readers",
    "eventstore.relay",
    "eventstore.service",
    "eventstore.signals",
    "eventstore.telemetry",
    "eventstore.testing",
)


@pytest.mark.parametrize("module", PUBLIC)
def test_public_modules_list_their_names(module: str) -> None:
    listed = importlib.import_module(module).__all__
    assert sorted(listed) == sorted(set(listed))
    assert all(hasattr(importlib.import_module(module), name) for name in listed)


def test_the_product_imports_only_these() -> None:
    foreign = {(module, name) for path in sources() for module, name in names_from_the_engine(path)}
    hidden = {f"{module}.{name}" for module, name in foreign if not is_public(module, name)}
    assert not hidden, "add it to a public module's __all__, or do without it"


def is_public(module: str, name: str) -> bool:
    if module.startswith("eventstore.http"):  # an extra, with a folder of public modules
        return True
    return f"{module}.{name}" in PUBLIC or (module in PUBLIC and name in importlib.import_module(module).__all__)


def sources() -> Iterator[Path]:
    root = Path(settings.BASE_DIR)
    return (path for name in PRODUCT for path in root.joinpath(name).rglob("*.py"))


def names_from_the_engine(path: Path) -> Iterator[tuple[str, str]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.partition(".")[0] == "eventstore":
            yield from ((node.module, alias.name) for alias in node.names)
