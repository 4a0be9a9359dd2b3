"""Within an app, a module never imports itself by way of others, so that each can be read, and tested, on its own."""

from collections.abc import Iterator
from functools import cache

import grimp
import pytest

APPS = ["config", "demo", "projections", "accounts", "eventstore"]


@pytest.mark.parametrize("app", APPS)
def test_no_module_imports_itself_by_way_of_others(app: str) -> None:
    assert list(circles(app)) == []


def circles(app: str) -> Iterator[str]:
    """The shortest circle through each module that is in one; those that are for types alone do not count."""
    imports = graph()
    for module in sorted(imports.find_descendants(app) | {app}):
        inside = {found for found in imports.find_modules_directly_imported_by(module) if found.startswith(f"{app}.")}
        ways = [imports.find_shortest_chain(importer=imported, imported=module) for imported in sorted(inside)]
        if found := sorted((way for way in ways if way), key=len):
            yield " -> ".join([module, *found[0]])


@cache
def graph() -> grimp.ImportGraph:
    return grimp.build_graph(*APPS, exclude_type_checking_imports=True, cache_dir=None)
