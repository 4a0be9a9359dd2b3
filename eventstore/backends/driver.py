"""Statements that every command needs go to the driver itself, past Django's cursor: see decision 0014."""

from django.db.backends.base.base import BaseDatabaseWrapper

from eventstore.backends.deferred import DeferredStatements
from eventstore.telemetry.cursors import ObservedCursor


def bypasses_cursor(connection: BaseDatabaseWrapper) -> bool:
    """Make a connection ready as Django's cursor does; whether nobody else observes that cursor's queries."""
    if not connection.in_atomic_block:  # otherwise the block has seen to it when it began
        connection.close_if_health_check_failed()
        connection.ensure_connection()
    is_observed = connection.queries_logged or not all(
        isinstance(wrapper, (DeferredStatements, ObservedCursor)) for wrapper in connection.execute_wrappers
    )
    if is_observed:
        return False
    connection.validate_thread_sharing()
    connection.validate_no_broken_transaction()
    return True
