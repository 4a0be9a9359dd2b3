"""Whether a table fits: its model, the table that it would replace, and an exchange at all."""

from eventstore.backends import store
from eventstore.errors import EventStoreError
from eventstore.projecting.tables.table import Table


class TableDoesNotFit(EventStoreError):
    """A table is not what its model, or another of its tables, says. Nothing was changed."""


class TableChanged(EventStoreError):
    """A live table was changed while its rows were built anew, so the new ones would undo the change. Start again."""


class TableIsBound(EventStoreError):
    """Something else in the database would stay with the table that a rebuild replaces. Nothing was changed."""


def must_fit_model(table: Table) -> None:
    """Raises TableDoesNotFit if rows of the model can't be written to the table, which is the live one."""
    shape, names = store().shape(table.name), {str(field.column) for field in table.fields}
    if missing := sorted(names - shape.columns.keys()):
        problem = f"has no column {', '.join(missing)}" if shape.columns else "does not exist"
    elif unknown := sorted(shape.required - names):
        problem = f"needs a value for {', '.join(unknown)}, which its model does not have"
    else:
        return
    raise TableDoesNotFit(
        f"The table {table.name} of {table.model.__name__} {problem}. Apply the migrations first (manage.py migrate), "
        "with makemigrations before if the model has changed."
    )


def must_be_unbound(table: Table) -> None:
    """Raises TableIsBound if a foreign key, a view, a trigger or the like depends on a live table."""
    if bound := store().bound_to(table.name):
        raise TableIsBound(
            f"On the table {table.name} depends: {', '.join(bound)}. A rebuild puts a new table in its place, and they "
            "would go on with the one that was replaced. Drop them, rebuild, then create them again; a reference to a "
            "read model is better a plain column of ids, without a constraint."
        )


def must_be_alike(table: Table, live: Table) -> None:
    """Raises TableDoesNotFit if a table that is to replace the live one differs from it."""
    if found := differences(table, live):
        raise TableDoesNotFit(
            f"The table {table.name} is not like the live one, which a migration has changed since: {found}. Build its "
            "rows anew instead (manage.py rebuild_projections); --drop-old drops the old table."
        )


def differences(table: Table, live: Table, *, unfinished: bool = False) -> str:
    """How a table differs from the live one, in words; keys that are `unfinished` may be missing."""
    return "; ".join(store().shape(table.name).differences_from(store().shape(live.name), unfinished=unfinished))
