"""Tests of a project: rules as sentences without a database, and help for the tests that need one."""

from eventstore.testing.deliver import catch_up
from eventstore.testing.flush import FlushMixin, allow_flush
from eventstore.testing.rules import Given, Result, given, upcast

__all__ = ["FlushMixin", "Given", "Result", "allow_flush", "catch_up", "given", "upcast"]
