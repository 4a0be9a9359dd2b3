"""What the guards of the log do, as the migrations have made them: one that has a guard's name alone guards nothing.

Texts are compared without spaces, quotes and parentheses, which a database writes in its own way.
"""

import re
from functools import cache
from importlib import import_module
from typing import Any, Final

from eventstore.partitions.guards import claim_function

__all__ = ["functions", "plain", "triggers"]

NAME: Final = re.compile(r"CREATE TRIGGER (\S+)")
FUNCTION: Final = re.compile(r"CREATE (?:OR REPLACE )?FUNCTION (\w+)\(\).*?AS \$\$(.*?)\$\$", re.DOTALL)
SPELLING: Final = re.compile(r'[\s"()]+')


def plain(text: str) -> str:
    """A text without what each database spells in its own way."""
    return SPELLING.sub("", text)


@cache
def triggers() -> dict[str, str]:
    """The triggers of SQLite by their names, in plain text."""
    first, trust = _migration("0002_guards"), _migration("0010_trust")
    texts = [guard.format(**table) for table in first.SQLITE_TABLES for guard in first.SQLITE_GUARDS]
    for table, column in trust.GUARDED.items():
        texts += [guard.format(table=table, column=column) for guard in trust.SQLITE_GUARDS]
    return {NAME.findall(text)[0]: plain(text) for text in texts}


@cache
def functions() -> dict[str, str]:
    """The functions that PostgreSQL's triggers call, by their names, in plain text."""
    first, lock, drawn = map(_migration, ("0002_guards", "0003_lock_once", "0009_drawn_under_the_lock"))
    texts = [first.POSTGRESQL, lock.POSTGRESQL, *(drawn.HOLD.format(**table) for table in drawn.TABLES)]
    texts.append(claim_function())
    return {name: plain(body) for text in texts for name, body in FUNCTION.findall(text)}


def _migration(name: str) -> Any:
    return import_module(f"eventstore.migrations.{name}")
