"""PostgreSQL: the statements of the log and the command store, in the open."""

from math import isinf

# How long a transaction waits for locks, unless something else than `limit_waits` has set it: the role, an option of
# the connection, a transaction around it. It ends with the transaction, so poolers need not mind.
LIMIT_TRANSACTION = """
CASE WHEN current_setting('lock_timeout') IN ('0', current_setting('eventstore.lock_timeout', true))
    THEN set_config('lock_timeout', %s, true) END
"""

# The second setting tells which timeout was set here. A pooler gives its clients process ids of its own.
LIMIT_SESSION = """
SELECT set_config('lock_timeout', %s, false),
    set_config('eventstore.lock_timeout', current_setting('lock_timeout'), false)
WHERE pg_backend_pid() = %s
    AND current_setting('lock_timeout') IN ('0', current_setting('eventstore.lock_timeout', true))
"""


def lock_timeout(seconds: float) -> bytes:
    """A time as the setting takes it, in milliseconds; 0, which is for ever, for an infinite one."""
    return b"0" if isinf(seconds) else b"%d" % max(1, 1000 * seconds)


# An epoch as `Identity` has it. A command belongs to the newest epoch that began before its number was drawn.
IDENTITY = """json_build_array(log_id, epoch, (extract(epoch FROM began_at) * 1000000)::bigint)"""
PRESENT_IDENTITY = f"(SELECT {IDENTITY} FROM eventstore_epoch ORDER BY epoch DESC LIMIT 1)"  # noqa: S608 - a constant
UNFINISHED_RESTORE = """(SELECT json_build_array(source, to_char(began_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI'))
    FROM eventstore_restoration WHERE ended_at IS NULL ORDER BY id DESC LIMIT 1)"""

# Each row is looked up by itself, which no planner can do but by the index: a plan is made once, often while the tables
# are still empty, and one that then reads them from end to end would do so until they are analysed.
# The locking happens in the order of the stream ids, so that two commands never wait for each other in a circle.
# The time is read last, when the waiting is over: what is decided is decided as of then.
# Ids come, and all that is found goes, as one text: the driver takes longer over an array, or a time, than msgspec.
# Nothing is waited for before the timeout is set, which stands first.
STORED = f"""
SELECT command_id, encode(fingerprint, 'hex') AS fingerprint, accepted, response, positions, recorded_at,
    metadata ->> 'language' AS language,
    (SELECT {IDENTITY} FROM eventstore_epoch AS begun WHERE begun.number < eventstore_command.number
    ORDER BY epoch DESC LIMIT 1) AS identity
FROM eventstore_command WHERE
"""  # noqa: S608 - a constant

LOOK = f"""
SELECT json_build_object(
    'waits', {LIMIT_TRANSACTION},
    {{commands}},
    'is_claimed', to_regclass('eventstore_claim') IS NOT NULL,
    'heads', (SELECT coalesce(json_agg(head), '[]') FROM (
        SELECT id::uuid FROM json_array_elements_text(%s::json) AS given (id) ORDER BY 1) AS wanted, LATERAL (
        SELECT stream_id, category, version, encode(digest, 'hex') AS digest, recorded_at, state, fingerprint,
            closed_until
        FROM eventstore_stream WHERE stream_id = wanted.id FOR UPDATE) AS head),
    'identity', {PRESENT_IDENTITY},
    'restore', {UNFINISHED_RESTORE},
    'now', clock_timestamp()
)::text
"""  # noqa: S608 - a constant
OPEN = LOOK.format(
    commands=f"""'responses', (SELECT coalesce(json_agg(found), '[]')
        FROM json_array_elements_text(%s::json) AS wanted (id),
        LATERAL ({STORED} command_id = wanted.id::uuid OFFSET 0) AS found)"""  # noqa: S608 - a constant
)

# Where commands lie in partitions their ids are all in one table, with their numbers, so that no partition is looked
# into for a command that is new. The rows of others are read by their numbers, which name their partitions.
OPEN_CLAIMED = LOOK.format(
    commands="""'claimed', (SELECT coalesce(json_agg(number), '[]')
        FROM json_array_elements_text(%s::json) AS wanted (id), LATERAL (
        SELECT number FROM eventstore_claim WHERE command_id = wanted.id::uuid OFFSET 0) AS found)"""
)
RESPONSES = f"SELECT coalesce(json_agg(found), '[]')::text FROM ({STORED} number IN ({{numbers}})) AS found"  # noqa: S608 - constants

# Sent along with the first look, and run once that one has its locks: how many of the streams there are by then.
COUNT_HEADS = """
SELECT count(*)::text FROM json_array_elements_text(%s::json) AS wanted (id), LATERAL (
    SELECT FROM eventstore_stream WHERE stream_id = wanted.id::uuid OFFSET 0) AS head
"""

# One statement, one round trip. The rows come as JSON, which is faster than arrays and, at 100 events, than COPY.
#
# A head is moved from the version before these events, or not at all: where somebody else has begun the stream or moved
# it meanwhile, its version would become NULL, which the table refuses, and the transaction begins again. A unique index
# can't see to that where the two events lie in two partitions (decision 0052). The version before is told as a negative
# first position, which a head that is there already does not take; one that is not there takes the real one.
WRITE = """
WITH {given} incoming AS (
    SELECT * FROM ROWS FROM (json_to_recordset(%s::json) AS (
        event_id uuid, category text, stream_id uuid, version bigint, type text, schema_version smallint,
        data jsonb, metadata jsonb, recorded_at timestamptz, slot smallint, digest text, command_id uuid
    )) WITH ORDINALITY {condition}
), appended AS (
    INSERT INTO eventstore_event
        (event_id, category, stream_id, version, type, schema_version, data, metadata, recorded_at, slot, digest)
    SELECT event_id, category, stream_id, version, type, schema_version, data, metadata, recorded_at, slot,
        decode(digest, 'hex')
    FROM incoming ORDER BY ordinality
    RETURNING position, stream_id, event_id
), heads AS (
    INSERT INTO eventstore_stream AS head
        (stream_id, category, version, position, digest, recorded_at, state, fingerprint, first_position)
    SELECT stream_id, category, version, last.position, decode(digest, 'hex'), recorded_at, state, fingerprint,
        CASE WHEN version = last.events THEN last.first ELSE last.events - version END
    FROM json_to_recordset(%s::json) AS moved (
        stream_id uuid, category text, version bigint, digest text, recorded_at timestamptz,
        state text, fingerprint text)
    JOIN (SELECT stream_id, min(position) AS first, max(position) AS position, count(*) AS events
        FROM appended GROUP BY stream_id) AS last USING (stream_id)
    ON CONFLICT (stream_id) DO UPDATE SET
        version = CASE WHEN head.version = -EXCLUDED.first_position THEN EXCLUDED.version END,
        position = EXCLUDED.position, digest = EXCLUDED.digest,
        recorded_at = EXCLUDED.recorded_at, state = EXCLUDED.state, fingerprint = EXCLUDED.fingerprint
), stored AS ({store})
SELECT json_build_object(
    'positions', (SELECT coalesce(json_agg(position ORDER BY position), '[]') FROM appended),
    'numbers', (SELECT coalesce(json_agg(number ORDER BY number), '[]') FROM stored)
)::text
"""

STORE = """
    INSERT INTO eventstore_command
        (command_id, actor, key, fingerprint, type, schema_version, data, metadata, accepted, response,
        positions, recorded_at, digest)
    SELECT command_id, actor, key, decode(fingerprint, 'hex'), type, schema_version, data, metadata, accepted, response,
        coalesce(positions, '[]'), recorded_at, decode(digest, 'hex')
    FROM ROWS FROM (json_to_recordset(%s::json) AS (
        command_id uuid, actor text, key text, fingerprint text, type text, schema_version smallint,
        data jsonb, metadata jsonb, accepted boolean, response jsonb, recorded_at timestamptz,
        digest text
    )) WITH ORDINALITY AS command LEFT JOIN (
        SELECT command_id, jsonb_agg(position ORDER BY position) AS positions
        FROM appended JOIN incoming USING (event_id) GROUP BY command_id
    ) AS own USING (command_id) ORDER BY ordinality
    RETURNING number
"""

# The head is locked first, as ever, and nothing is written unless it is as expected, nor into the closed time, nor into
# a part of a log.
GIVEN = """
unchanged AS MATERIALIZED (
    SELECT FROM eventstore_stream WHERE stream_id = %s AND digest = decode(%s, 'hex')
        AND (closed_until IS NULL OR closed_until <= %s)
        AND NOT EXISTS (SELECT FROM eventstore_restoration WHERE ended_at IS NULL) FOR UPDATE
),
"""

NO_COMMANDS = "SELECT NULL AS number WHERE false"
WRITE_COMMANDS = WRITE.format(given="", condition="", store=STORE)
WRITE_EVENTS = WRITE.format(given="", condition="", store=NO_COMMANDS)
WRITE_IF = WRITE.format(given=GIVEN, condition="WHERE EXISTS (SELECT FROM unchanged)", store=NO_COMMANDS)

# Rows that have a position, or a number, already.
APPEND_GIVEN = """
COPY eventstore_event (
    position, event_id, category, stream_id, version, type, schema_version, data, metadata, recorded_at, slot, digest
) FROM STDIN
"""

STORE_GIVEN = """
COPY eventstore_command (
    number, command_id, actor, key, fingerprint, type, schema_version, data, metadata, accepted, response, positions,
    recorded_at, digest
) FROM STDIN
"""

# The next position is the one after the last that was given; a sequence that has given nothing yet begins at 1.
DRAW_AFTER = """
SELECT setval('eventstore_event_position_seq', greatest(%s, 1), %s > 0),
    setval('eventstore_command_number_seq', greatest(%s, 1), %s > 0)
"""

EVENTS = """
SELECT position, event_id, category, stream_id, version, type, schema_version, data::text, metadata::text, recorded_at
FROM eventstore_event WHERE
"""

PAYLOADS = """
SELECT version, type, schema_version, data::text FROM eventstore_event WHERE
"""

COMMANDS = """
SELECT number, command_id, actor, key, type, schema_version, data::text, metadata::text, accepted, response::text,
    positions::text, recorded_at
FROM eventstore_command WHERE
"""
