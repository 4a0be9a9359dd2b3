"""A backend has all that the engine needs of it."""

import inspect

import pytest
from django.db import connection

from eventstore.backends import BACKENDS, backend_class
from eventstore.backends.base import Backend
from tests.conformance.sessions import SET_SHORT_LOCK_TIMEOUT

METHODS = sorted(name for name in vars(Backend) if inspect.isfunction(vars(Backend)[name]) and name[0] != "_")


@pytest.mark.parametrize("vendor", sorted(BACKENDS))
@pytest.mark.parametrize("name", METHODS)
def test_each_method_is_there_and_is_called_the_same_way(vendor: str, name: str) -> None:
    """A backend has each method that `Backend` declares, with the same parameters in the same order."""
    method = getattr(backend_class(vendor), name, None)
    assert method, f"{backend_class(vendor).__name__} has no {name}: {inspect.getdoc(getattr(Backend, name))}"
    declared, given = inspect.signature(getattr(Backend, name)), inspect.signature(method)
    assert list(given.parameters.values()) == list(declared.parameters.values())


def test_these_tests_know_how_its_sessions_refuse_to_wait() -> None:
    """Without that, the tests of locks would wait for ever."""
    assert connection.vendor in SET_SHORT_LOCK_TIMEOUT
