"""PostgreSQL: what a table that takes the place of another has to be given besides."""

# What `LIKE` does not copy, as statements that give it to another table: the rights of each role to the table and to
# columns (the owner's own need no granting), the comment, and options of storage.
NOT_COPIED = """
SELECT format('GRANT %%s%%s ON %%s TO %%s%%s', privilege_type, of_columns, %(name)s::text,
    CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END,
    CASE WHEN is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
FROM pg_class, LATERAL (
    SELECT '' AS of_columns, grants.* FROM aclexplode(relacl) AS grants
    UNION ALL
    SELECT format(' (%%I)', attname), grants.* FROM pg_attribute, aclexplode(attacl) AS grants
    WHERE attrelid = pg_class.oid AND NOT attisdropped) AS granted
WHERE pg_class.oid = %(table)s::regclass AND grantee <> relowner
UNION ALL
SELECT format('COMMENT ON TABLE %%s IS %%L', %(name)s::text, obj_description(%(table)s::regclass, 'pg_class'))
UNION ALL
SELECT format('ALTER TABLE %%s SET (%%s)', %(name)s::text, array_to_string(reloptions, ', '))
FROM pg_class WHERE oid = %(table)s::regclass AND reloptions IS NOT NULL
"""
