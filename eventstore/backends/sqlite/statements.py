"""SQLite: the statements of the log and the command store, in the open."""

# With the epoch of each command: the newest one that began before its number was drawn.
RESPONSES = """
SELECT command_id, lower(hex(fingerprint)), accepted, response, positions, command.recorded_at,
    json_extract(metadata, '$.language'), log_id, epoch, began_at
FROM eventstore_command AS command LEFT JOIN eventstore_epoch ON epoch = (
    SELECT max(begun.epoch) FROM eventstore_epoch AS begun WHERE begun.number < command.number)
WHERE command_id IN ({places})
"""

HEADS = """
SELECT stream_id, category, version, lower(hex(digest)), recorded_at, state, fingerprint, closed_until
FROM eventstore_stream WHERE stream_id IN ({places})
"""

APPEND = """
INSERT INTO eventstore_event
    (event_id, category, stream_id, version, type, schema_version, data, metadata, recorded_at, slot, digest)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""

# The same, of rows that have a position already.
APPEND_GIVEN = """
INSERT INTO eventstore_event (
    position, event_id, category, stream_id, version, type, schema_version, data, metadata, recorded_at, slot, digest)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""

MOVE_HEAD = """
INSERT INTO eventstore_stream
    (stream_id, category, version, position, digest, recorded_at, state, fingerprint, first_position)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (stream_id) DO UPDATE SET
    version = excluded.version, position = excluded.position, digest = excluded.digest,
    recorded_at = excluded.recorded_at, state = excluded.state, fingerprint = excluded.fingerprint
"""

STORE = """
INSERT INTO eventstore_command
    (command_id, actor, key, fingerprint, type, schema_version, data, metadata, accepted, response, positions,
    recorded_at, digest)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""

# The same, of rows that have a number already.
STORE_GIVEN = """
INSERT INTO eventstore_command
    (number, command_id, actor, key, fingerprint, type, schema_version, data, metadata, accepted, response, positions,
    recorded_at, digest)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""

EVENTS = """
SELECT position, event_id, category, stream_id, version, type, schema_version, data, metadata, recorded_at
FROM eventstore_event WHERE
"""

PAYLOADS = """
SELECT version, type, schema_version, data FROM eventstore_event WHERE
"""

COMMANDS = """
SELECT number, command_id, actor, key, type, schema_version, data, metadata, accepted, response, positions, recorded_at
FROM eventstore_command WHERE
"""

LAST_DRAWN = """
SELECT
    coalesce((SELECT max(position) FROM eventstore_event), 0),
    coalesce((SELECT max(number) FROM eventstore_command), 0)
"""

IDENTITY = """
SELECT log_id, epoch, began_at FROM eventstore_epoch ORDER BY epoch DESC LIMIT 1
"""

# What a transaction that begins asks for in one statement: the identity, and a restore that has not ended.
BEGIN = f"""
SELECT log_id, epoch, began_at, source, restore_began
FROM (SELECT 1) LEFT JOIN ({IDENTITY}) LEFT JOIN (
    SELECT source, substr(began_at, 1, 16) AS restore_began FROM eventstore_restoration
    WHERE ended_at IS NULL ORDER BY id DESC LIMIT 1)
"""  # noqa: S608 - a constant

READ_MARK = f"""
SELECT
    coalesce((SELECT max(position) FROM eventstore_event), 0),
    coalesce((SELECT max(number) FROM eventstore_command), 0),
    log_id, epoch, began_at
FROM (SELECT 1) LEFT JOIN ({IDENTITY})
"""  # noqa: S608 - a constant
