"""What the documents name, exists: paths, modules, what is defined in them, and pages that are linked to.

A name counts if it is set as code, whole: `eventstore/execute.py`, `eventstore/execute.py: execute`, `eventstore.log`.
"""

import ast
import importlib
import re
from collections.abc import Iterator
from functools import cache
from itertools import chain
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*ROOT.glob("docs/**/*.md"), *(ROOT / name for name in ("README.md", "CONTRIBUTING.md"))])
APPS = "accounts|config|demo|eventstore|projections"
FOLDERS = f"{APPS}|benchmarks|deploy|docs|examples|locale|static|templates|tests"

CODE = re.compile(r"`([^`\n]+)`")
FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
PATH = re.compile(rf"((?:{FOLDERS})(?:/[\w.-]+)*/?)(?:: (\w+(?:\.\w+)*))?")
MODULE = re.compile(rf"(?:{APPS})(?:\.[A-Za-z_]\w*)+")
CHECK = re.compile(r"\w+\.[EW]\d{3}")  # the id of a system check
LINK = re.compile(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)")
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)


@pytest.mark.django_db  # config.wsgi is imported, which opens the keys of personal data
@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_a_document_names_exists(document: Path) -> None:
    text = document.read_text()
    found = chain(_missing_names(FENCED.sub("", text)), _missing_links(document, text))
    assert list(found) == []


def test_a_name_that_does_not_exist_is_noticed() -> None:
    text = (
        "`accounts/nowhere.py` `eventstore.nowhere` `eventstore/execute.py: nowhere` `eventstore.execute.nowhere` "
        "`eventstore/execute.py: execute` `eventstore.execute.execute` `eventstore.E001` `GET accounts/{id}`"
    )
    assert list(_missing_names(text)) == [
        "accounts/nowhere.py",
        "eventstore.nowhere",
        "eventstore/execute.py: nowhere",
        "eventstore.execute.nowhere",
    ]


def test_a_link_that_leads_nowhere_is_noticed() -> None:
    text = "[a](nowhere.md) [b](#nowhere) [c](docs/glossary.md#nowhere) [d](docs/glossary.md#read-models) [e](#try-it)"
    assert list(_missing_links(ROOT / "README.md", text)) == ["nowhere.md#", "#nowhere", "docs/glossary.md#nowhere"]


def _missing_names(text: str) -> Iterator[str]:
    for name in CODE.findall(text):
        path, module = PATH.fullmatch(name), MODULE.fullmatch(name)
        if module and not name.endswith(".py") and not CHECK.fullmatch(name):
            if not _can_be_imported(name):
                yield name
        elif path and not (_exists(path[1]) and (path[2] is None or path[2] in _defined_in(ROOT / path[1]))):
            yield name


def _missing_links(document: Path, text: str) -> Iterator[str]:
    for target, anchor in LINK.findall(text):
        path = document.parent / target if target else document
        if not path.exists() or (anchor and anchor not in _anchors(path)):
            yield f"{target}#{anchor}"


def _anchors(path: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = HEADING.findall(FENCED.sub("", path.read_text()))
    return {re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


def _exists(path: str) -> bool:
    return (ROOT / path).is_dir() if path.endswith("/") else (ROOT / path).exists()


def _can_be_imported(name: str) -> bool:
    """Whether a name is a module's, or that of something which can be reached from one."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        if module := _module(".".join(parts[:length])):
            return _reaches(module, parts[length:])
    return False


@cache
def _module(name: str) -> ModuleType | None:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError:
        return None


def _reaches(thing: object, names: list[str]) -> bool:
    for name in names:
        if not hasattr(thing, name):
            return False
        thing = getattr(thing, name)
    return True


@cache
def _defined_in(path: Path) -> frozenset[str]:
    """The names of functions, classes, methods and constants of a module."""
    return frozenset(_names(ast.parse(path.read_text()).body))


def _names(body: list[ast.stmt], prefix: str = "") -> Iterator[str]:
    for node in body:
        match node:
            case ast.FunctionDef(name=name):
                yield prefix + name
            case ast.ClassDef(name=name):
                yield prefix + name
                yield from _names(node.body, f"{prefix}{name}.")
            case ast.Assign(targets=targets):
                yield from (prefix + target.id for target in targets if isinstance(target, ast.Name))
            case ast.AnnAssign(target=ast.Name(id=name)):
                yield prefix + name
