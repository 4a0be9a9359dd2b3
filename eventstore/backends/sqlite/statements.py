"""SQLite: the statements of the log and the command store, in the open."""

RESPONSES = """
SELECT command_id, lower(hex(fingerprint)), accepted, response, positions, recorded_at
FROM eventstore_command WHERE command_id IN ({places})
"""

HEADS = """
SELECT stream_id, category, version, lower(hex(digest)), recorded_at, state, fingerprint
FROM eventstore_stream WHERE stream_id IN ({places})
"""

APPEND = """
INSERT INTO eventstore_event
    (event_id, category, stream_id, version, type, schema_version, data, metadata, recorded_at, slot, digest)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""

MOVE_HEAD = """
INSERT INTO eventstore_stream (stream_id, category, version, position, digest, recorded_at, state, fingerprint)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (stream_id) DO UPDATE SET
    version = excluded.version, position = excluded.position, digest = excluded.digest,
    recorded_at = excluded.recorded_at, state = excluded.state, fingerprint = excluded.fingerprint
"""

STORE = """
INSERT INTO eventstore_command
    (command_id, actor, key, fingerprint, type, schema_version, data, metadata, accepted, response, positions,
    recorded_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
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
