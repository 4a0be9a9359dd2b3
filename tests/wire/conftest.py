"""The world of the authorization tests: one of each thing, and somebody for each address."""

from tests.authorization.conftest import world

__all__ = ["world"]
