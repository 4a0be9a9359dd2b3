"""PostgreSQL: the shape of a table, and what is bound to it."""

from django.db.backends.base.base import BaseDatabaseWrapper

from eventstore.backends.postgresql.tables import SET_LOCK_TIMEOUT
from eventstore.backends.shapes import TableShape

COLUMNS = """
SELECT attname, concat_ws(' ',
    format_type(atttypid, atttypmod),
    CASE WHEN attcollation <> typcollation THEN 'COLLATE ' || attcollation::regcollation END,
    CASE WHEN attnotnull THEN 'NOT NULL' END,
    CASE WHEN attidentity <> '' THEN 'GENERATED AS IDENTITY' WHEN attgenerated <> '' THEN 'GENERATED' END,
    CASE WHEN adbin IS NOT NULL THEN 'DEFAULT ' || pg_get_expr(adbin, adrelid) END)
FROM pg_attribute JOIN pg_type ON pg_type.oid = atttypid
LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped
"""

CONSTRAINTS = """
SELECT contype = 'c', pg_get_constraintdef(oid) FROM pg_constraint
WHERE conrelid = to_regclass(%s) AND contype IN ('p', 'u', 'x', 'c')
"""

# Indexes of no constraint, by what they are.
INDEXES = """
SELECT regexp_replace(pg_get_indexdef(indexrelid), '^(CREATE (UNIQUE )?INDEX) .* (USING .*)$', '\\1 \\3')
FROM pg_index WHERE indrelid = to_regclass(%s)
    AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND conrelid = indrelid)
"""

# All that the catalog says depends on the table, or on the type of its rows, and that `LIKE` does not copy. It goes by
# the table's number, so it stays with the table when that is renamed. Its own foreign keys are among it.
BOUND = """
SELECT DISTINCT CASE WHEN objects.classid = 'pg_rewrite'::regclass AND ev_class <> pg_class.oid
    THEN pg_describe_object('pg_class'::regclass, ev_class, 0)
    ELSE pg_describe_object(objects.classid, objects.objid, 0) END
FROM pg_class JOIN pg_depend AS objects ON deptype IN ('n', 'a') AND (
    (refclassid = 'pg_class'::regclass AND refobjid = pg_class.oid)
    OR (refclassid = 'pg_type'::regclass
        AND refobjid IN (SELECT oid FROM pg_type WHERE pg_class.reltype IN (pg_type.oid, pg_type.typelem))))
LEFT JOIN pg_constraint ON objects.classid = 'pg_constraint'::regclass AND pg_constraint.oid = objid
LEFT JOIN pg_trigger ON objects.classid = 'pg_trigger'::regclass AND pg_trigger.oid = objid
LEFT JOIN pg_class AS relation ON objects.classid = 'pg_class'::regclass AND relation.oid = objid
LEFT JOIN pg_rewrite ON objects.classid = 'pg_rewrite'::regclass AND pg_rewrite.oid = objid
WHERE pg_class.oid = to_regclass(%s)
    AND objects.classid NOT IN ('pg_attrdef'::regclass, 'pg_statistic_ext'::regclass)
    AND (contype IS NULL OR contype = 'f')
    AND tgisinternal IS NOT TRUE
    AND (relation.relkind IS NULL OR relation.relkind NOT IN ('i', 'S', 't'))
ORDER BY 1
"""


class Shapes:
    """The part of the backend that tells what a table is like."""

    connection: BaseDatabaseWrapper

    def shape(self, table: str) -> TableShape:
        with self.connection.cursor() as cursor:
            cursor.execute(COLUMNS, [f'"{table}"'])
            columns = dict(cursor.fetchall())
            cursor.execute(CONSTRAINTS, [f'"{table}"'])
            constraints = cursor.fetchall()
            cursor.execute(INDEXES, [f'"{table}"'])
            indexes = frozenset(text for (text,) in cursor.fetchall())
        checks = frozenset(text for is_check, text in constraints if is_check)
        keys = frozenset(text for is_check, text in constraints if not is_check)
        return TableShape(columns, checks, keys, indexes)

    def bound_to(self, table: str) -> list[str]:
        with self.connection.cursor() as cursor:
            cursor.execute(BOUND, [f'"{table}"'])
            return [text for (text,) in cursor.fetchall()]

    def lock_table(self, table: str) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(SET_LOCK_TIMEOUT)
            cursor.execute(f'LOCK TABLE "{table}" IN ACCESS EXCLUSIVE MODE')
