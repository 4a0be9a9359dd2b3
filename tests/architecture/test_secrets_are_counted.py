"""Whatever checks a secret of a user counts first: no door can be forgotten."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from accounts.web.forms.sign_in import CountedForm
from accounts.web.views.people import SignIn
from config.staff_site import StaffSignIn

CHECKS = {"authenticate", "check_password", "acheck_password", "aauthenticate"}
COUNTS = "sign_in_attempt"


def checks_in(tree: ast.AST, within: str = "") -> Iterator[str]:
    """The calls that check a secret, but for those that a check of this name is made of."""
    for node in ast.iter_child_nodes(tree):
        name = node.name if isinstance(node, ast.FunctionDef) else within
        called = getattr(node.func, "id", getattr(node.func, "attr", "")) if isinstance(node, ast.Call) else ""
        if called in CHECKS and name not in CHECKS:
            yield called
        yield from checks_in(node, name)


def doors() -> Iterator[Path]:
    root = Path(settings.BASE_DIR)
    for folder in ("accounts", "config", "projections"):
        yield from (path for path in root.joinpath(folder).rglob("*.py") if set(checks_in(ast.parse(path.read_text()))))


@pytest.mark.parametrize("path", sorted(doors()), ids=lambda path: path.name)
def test_a_module_that_checks_a_secret_enters_by_the_counted_way(path: Path) -> None:
    counts = [node for node in ast.walk(ast.parse(path.read_text())) if getattr(node, "id", "") == COUNTS]
    assert counts, f"{path} checks a secret, but never says `with {COUNTS}(…)`: it could be guessed at any speed."


def test_there_are_such_modules() -> None:
    assert {"tokens.py", "people.py"} <= {path.name for path in doors()}


def test_the_forms_of_both_sign_in_pages_count() -> None:
    assert issubclass(SignIn.authentication_form, CountedForm)
    assert issubclass(StaffSignIn.authentication_form, CountedForm)
