"""A newcomer sees an app's folders at a glance: few modules stand beside them."""

from pathlib import Path

import pytest

import accounts
import eventstore

MAX_MODULES = 11


@pytest.mark.parametrize("app", [accounts, eventstore])
def test_the_root_of_an_app_holds_few_modules(app: object) -> None:
    modules = sorted(path.name for path in Path(str(vars(app)["__file__"])).parent.glob("*.py"))
    assert "__init__.py" in modules
    assert len(modules) <= MAX_MODULES, modules
