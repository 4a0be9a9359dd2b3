"""The engine's own tests need nothing of the product: `make test-engine` runs them without it."""

import ast
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

PRODUCT = {"accounts", "config", "demo", "projections"}


def test_they_import_the_engine_and_its_sample_only() -> None:
    found = {path.relative_to(root()): PRODUCT & roots_of(path) for path in reached()}
    assert not {path: product for path, product in found.items() if product}


def reached() -> set[Path]:
    """The files of the engine's tests, and the helpers that they import."""
    waiting = [path for name in ("eventstore", "conformance") for path in (root() / "tests" / name).rglob("*.py")]
    files: set[Path] = set()
    while waiting:
        path = waiting.pop()
        if path not in files:
            files.add(path)
            waiting += [file for name in imports(path) if name.startswith("tests.") for file in files_of(name)]
    return files


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def roots_of(path: Path) -> set[str]:
    return {name.partition(".")[0] for name in imports(path)}


def files_of(name: str) -> list[Path]:
    file = root().joinpath(*name.split("."))
    return [path for path in (file.with_suffix(".py"), file / "__init__.py") if path.exists()]


def root() -> Path:
    return Path(settings.BASE_DIR)
