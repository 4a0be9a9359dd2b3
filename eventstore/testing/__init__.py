"""Tests of rules as sentences: given what has happened, when a command is sent, then that happens. No database."""

from eventstore.testing.rules import Given, Result, given, upcast

__all__ = ["Given", "Result", "given", "upcast"]
