"""The guards of a table of the log, as the migrations make them: the partitioned table and each partition has its own.

Triggers of statements fire for the table that a statement names, and a TRUNCATE of the whole fires those of each
partition. The trigger of each row is made once, on the whole, and PostgreSQL clones it into every partition.
"""

from collections.abc import Iterator
from typing import Final

from eventstore.partitions.stores import CLAIMS, COMMANDS, Store

APPEND_ONLY: Final = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION eventstore_refuse_change();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER append_only;
"""
HOLD_MARK: Final = "CREATE TRIGGER hold_mark BEFORE INSERT ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {hold}();"
REFUSE_CHOICE: Final = """
CREATE TRIGGER refuse_choice BEFORE INSERT ON {table} FOR EACH ROW
    WHEN (NEW.{column} IS DISTINCT FROM currval('{sequence}')) EXECUTE FUNCTION eventstore_refuse_choice();
"""

# One insert for all commands of a statement, whoever has sent it. Only this function, as its owner, may claim an id.
CLAIM: Final = """
CREATE OR REPLACE FUNCTION eventstore_claim() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    INSERT INTO {claims} (command_id, number) SELECT command_id, number FROM added;
    RETURN NULL;
END $$;
"""
CLAIM_EACH: Final = """
CREATE TRIGGER claim AFTER INSERT ON {table} REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION eventstore_claim();
"""


def of_statements(store: Store, table: str, *, claims: bool = True) -> Iterator[str]:
    """The statements that make the guards which a table and each partition have of their own."""
    yield APPEND_ONLY.format(table=table)
    yield HOLD_MARK.format(table=table, hold=store.hold)
    if claims and store == COMMANDS:
        yield CLAIM_EACH.format(table=table)


def of_rows(store: Store) -> str:
    """The statement that makes the guard of each row, on the partitioned table alone."""
    return REFUSE_CHOICE.format(table=store.table, column=store.column, sequence=store.sequence)


def claim_function(claims: str = CLAIMS) -> str:
    """The statement that makes the function which claims the ids of commands."""
    return CLAIM.format(claims=claims)
