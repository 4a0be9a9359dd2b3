"""Fingerprints of projectors change with what decides over their rows, and with nothing else."""

import ast
import hashlib
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import models
from django.test.utils import isolate_apps

from eventstore.evolution.dependencies import SecondDependencies
from eventstore.evolution.fingerprint import _column, _digest, fingerprint, first_fingerprint, is_fingerprint_of
from eventstore.evolution.source import plain
from eventstore.projecting.declaration.projection import Projection
from eventstore.projecting.declaration.registry import projections
from tests.eventstore.codebase import Codebase, codebase

PROJECTOR = '''
from .helpers import doubled
RATE = 3

@fold(Standing, key=lambda event: event.tally_id)
def standings(row: Standing | None, event: Counted, record) -> Standing:
    """How a tally stands."""
    row = row or Standing(tally_id=event.tally_id)
    row.total = scaled(event.total)  # of all
    return row

def scaled(amount: int) -> int:
    return doubled(amount) * RATE

def unrelated():
    return 1
'''
HELPERS = """
FACTOR = 2

def doubled(amount):
    return amount * FACTOR

def unrelated():
    return 2
"""


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Codebase]:
    with codebase(tmp_path) as app:
        yield app


def print_of(
    app: Codebase, code: str = PROJECTOR, helpers: str = HELPERS, projection: str = "standings", **others: str
) -> str:
    """The fingerprint, were this the code."""
    return fingerprint(declared(app, code, helpers, projection, **others))


def declared(
    app: Codebase, code: str = PROJECTOR, helpers: str = HELPERS, projection: str = "standings", **others: str
) -> Projection:
    """The projection, were this the code; each time in a module of its own, as it is imported once."""
    twin = Codebase(app.folder)
    app.name, app.path = f"{app.folder.name}.{twin.folder.name}", str(twin.folder)
    twin.name = app.name
    twin.has(code, helpers=helpers, **others)
    return projections[projection]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("  # of all", ""),
        ('    """How a tally stands."""\n', ""),
        ("amount: int", "amount"),
        (" -> Standing:", ":"),
        ("scaled(event.total)", "scaled(\n        event.total,\n    )"),
        ("def unrelated():\n    return 1", "def unrelated():\n    return 99"),
        ("key=lambda", "version=2, key=lambda"),
    ],
)
def test_what_only_people_read_changes_nothing(app: Codebase, before: str, after: str) -> None:
    assert before in PROJECTOR
    assert print_of(app, PROJECTOR.replace(before, after)) == print_of(app)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("row.total = scaled(event.total)", "row.total = event.total"),
        ("RATE = 3", "RATE = 4"),
        ("* RATE", "+ RATE"),
        ("lambda event: event.tally_id", "lambda event: event.amount"),
        ("event: Counted,", "event: Counted | Reset,"),
        ("key=lambda", "delayed=True, key=lambda"),
    ],
)
def test_what_may_change_rows_changes_it(app: Codebase, before: str, after: str) -> None:
    assert before in PROJECTOR
    assert print_of(app, PROJECTOR.replace(before, after)) != print_of(app)


def test_so_does_the_order_that_it_needs(app: Codebase) -> None:
    delayed = PROJECTOR.replace("key=lambda", "delayed=True, key=lambda")
    across = PROJECTOR.replace("key=lambda", "delayed=True, global_order=True, key=lambda")
    assert print_of(app, delayed) != print_of(app, across)


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [("FACTOR = 2", "FACTOR = 20", True), ("amount * FACTOR", "amount", True), ("return 2", "return 20", False)],
)
def test_helpers_in_other_modules_of_the_app_count(app: Codebase, before: str, after: str, changes: bool) -> None:
    assert (print_of(app, helpers=HELPERS.replace(before, after)) != print_of(app)) is changes


BY_MODULE = PROJECTOR.replace("from .helpers import doubled", "from . import helpers, places").replace(
    "doubled(amount) * RATE", "helpers.doubled(amount) * RATE + places.deep.SHARE"
)
DEEP = {"places": "from . import deep", "deep": "SHARE = 5"}


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        ("FACTOR = 2", "FACTOR = 20", True),
        ("amount * FACTOR", "amount", True),
        ("SHARE = 5", "SHARE = 6", True),
        ("return 2", "return 20", False),
    ],
)
def test_so_do_helpers_that_are_taken_from_a_named_module(
    app: Codebase, before: str, after: str, changes: bool
) -> None:
    changed = {name: text.replace(before, after) for name, text in DEEP.items()}
    first = print_of(app, BY_MODULE, **DEEP)
    assert first.startswith("3:")
    assert (print_of(app, BY_MODULE, HELPERS.replace(before, after), **changed) != first) is changes


def test_a_fingerprint_of_the_second_algorithm_is_compared_by_it(app: Codebase) -> None:
    """It did not follow names that are taken from a named module, so what it has recorded says nothing of them."""
    standings = declared(app, BY_MODULE, **DEEP)
    second = f"2:{_digest(standings, SecondDependencies)}"
    assert second != fingerprint(standings)
    assert is_fingerprint_of(second, standings)
    assert is_fingerprint_of(second, declared(app, BY_MODULE, HELPERS.replace("FACTOR = 2", "FACTOR = 3"), **DEEP))
    assert not is_fingerprint_of(second, declared(app, BY_MODULE.replace("* RATE", "- RATE"), **DEEP))


def test_an_empty_module_is_no_reason_not_to_tell(app: Codebase) -> None:
    """As the file `__init__.py` of a package usually is."""
    assert print_of(app, BY_MODULE + "\nfrom . import empty\n", empty="", **DEEP)


EVENTS = """
from uuid import UUID
from eventstore.messages import event

@event("shop.opened")
class Opened:
    shop_id: UUID

@event("shop.sold")
class Sold:
    shop_id: UUID
    amount: int

@event("shop.closed")
class Closed:
    shop_id: UUID

Trade = Opened | Sold
"""
SHOPS = """
from . import events
from .events import Closed, Opened, Trade
from .events import Sold as Sale
from .helpers import is_trade

SIGNS = {Opened: 1, Sale: 2}

@fold(Standing, key=lambda event: event.shop_id)
def shops(row: Standing | None, event: Opened | Sale | Closed, record) -> Standing | None:
    if isinstance(event, events.Closed):
        return None
    row = row or Standing(tally_id=event.shop_id, total=0)
    match event:
        case Sale(amount=amount) if is_trade(event) and isinstance(event, Trade):
            row.total += amount * SIGNS[type(event)]
    return row
"""
SHOP_HELPERS = """
from .events import Opened, Sold

def is_trade(event):
    return isinstance(event, (Opened, Sold))
"""


def shops_print(app: Codebase, renamed: dict[str, str] | None = None, **changed: str) -> str:
    """The fingerprint of a projector that names its events, with classes renamed and modules changed."""
    texts = {"code": SHOPS, "events": EVENTS, "helpers": SHOP_HELPERS} | changed
    for name, other in (renamed or {}).items():
        texts = {module: re.sub(rf"\b{name}\b", other, text) for module, text in texts.items()}
    return print_of(app, texts.pop("code"), projection="shops", **texts)


@pytest.mark.parametrize("name", ["Opened", "Sold", "Closed", "Sale", "Trade"])
def test_a_renamed_event_class_changes_nothing(app: Codebase, name: str) -> None:
    assert shops_print(app, {name: "SomethingElse"}) == shops_print(app)


def test_but_another_event_in_its_place_does(app: Codebase) -> None:
    swapped = {"Opened": "Swapped", "Closed": "Opened", "Swapped": "Closed"}
    code = SHOPS
    for name, other in swapped.items():
        code = re.sub(rf"\b{name}\b", other, code)
    assert shops_print(app, code=code) != shops_print(app)
    assert shops_print(app, events=EVENTS.replace("shop.closed", "shop.shut")) != shops_print(app)
    assert shops_print(app, events=EVENTS.replace("Opened | Sold", "Sold | Closed")) != shops_print(app)


def test_a_renamed_event_class_does_not_hide_a_change_of_the_code(app: Codebase) -> None:
    helpers = SHOP_HELPERS.replace("(Opened, Sold)", "Opened")
    assert shops_print(app, {"Sold": "Traded"}, helpers=helpers) != shops_print(app)
    assert shops_print(app, {"Sold": "Traded"}, code=SHOPS.replace("+=", "-=")) != shops_print(app)


def test_a_helper_may_move_to_another_module_of_the_app(app: Codebase) -> None:
    moved = PROJECTOR.replace("from .helpers", "from .places")
    assert print_of(app, moved, helpers="", places=HELPERS) == print_of(app)
    here = PROJECTOR.replace("from .helpers import doubled", HELPERS.replace("unrelated", "others"))
    assert print_of(app, here, helpers="") == print_of(app)
    assert print_of(app, moved, helpers="", places=HELPERS.replace("FACTOR = 2", "FACTOR = 3")) != print_of(app)


def test_two_helpers_in_each_others_place_change_it(app: Codebase) -> None:
    helpers = """
def doubled(amount):
    return amount * 2

def tripled(amount):
    return amount * 3

def added(amount):
    return doubled(amount) + tripled(amount)
"""
    all_three = PROJECTOR.replace("doubled(amount) * RATE", "added(amount) + doubled(amount) - tripled(RATE)")
    straight = all_three.replace("import doubled", "import added, doubled, tripled")
    crossed = all_three.replace("import doubled", "import added, tripled as doubled, doubled as tripled")
    assert print_of(app, straight, helpers) != print_of(app, crossed, helpers)


def test_a_fingerprint_of_the_first_algorithm_is_compared_by_it(app: Codebase) -> None:
    first = "a3c1d0e2b4f59687"
    standings = declared(app)
    assert fingerprint(standings).startswith("2:")
    assert is_fingerprint_of(fingerprint(standings), standings)
    assert is_fingerprint_of(first_fingerprint(standings), standings)
    assert not is_fingerprint_of(first, standings)
    old = first_fingerprint(standings)
    assert not is_fingerprint_of(old, declared(app, PROJECTOR.replace("* RATE", "+ RATE")))


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        (models.IntegerField(default=0), True),
        (models.BigIntegerField(default=1), True),
        (models.BigIntegerField(default=0, null=True), True),
        (models.BigIntegerField(default=0, choices=[(1, "one")]), True),
        (models.BigIntegerField("the total", default=0, help_text="of all", db_index=True), False),
    ],
)
def test_columns_count_as_far_as_they_decide_over_values(field: "models.Field[int, int]", changes: bool) -> None:
    first = models.BigIntegerField(default=0)
    with isolate_apps("tests.eventstore"):
        columns = []
        for each in (first, field):
            each.set_attributes_from_name("total")
            columns.append(_column(each))
    assert (columns[0] != columns[1]) is changes


GENERIC = "[T: int]" if sys.version_info >= (3, 12) else ""
FUNCTION = (
    f"def total{GENERIC}"
    + '''(a, /, b=1, *c: int, d=None, **e) -> None:
    """Nothing."""
    x: int = f"{a:<{b}} {c!r:>{d}} {e=}" "more"
    match a:
        case None | [_, *rest] if rest:
            return lambda: (yield)
'''
)


def test_every_version_of_python_sees_the_same() -> None:
    """Their trees differ: in what they leave out, in formatted text, in type parameters."""
    digest = hashlib.sha256(json.dumps(plain(ast.parse(FUNCTION))).encode()).hexdigest()
    assert digest.startswith("2b224220d03bccd4")
