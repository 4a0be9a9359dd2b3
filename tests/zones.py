"""Rules of time zones that change, and zones that are dropped, as by another version of the IANA's database."""

from importlib.resources import files

import pytest

from accounts.domain import zones


def change_rules(monkeypatch: pytest.MonkeyPatch, name: str, *, like: str) -> None:
    """Give a zone the rules of another one."""
    with files("tzdata").joinpath("zoneinfo", *like.split("/")).open("rb") as rules:
        changed = zones.Zone.from_file(rules, key=name)
    load = zones._load
    monkeypatch.setattr(zones, "_load", lambda wanted: changed if wanted == name else load(wanted))


def drop(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Take a zone out of the package that holds the rules."""
    load = zones._load
    monkeypatch.setattr(zones, "_load", lambda wanted: None if wanted == name else load(wanted))
