"""The contenders: the programs under `contenders/`, with their environments and options."""

from dataclasses import replace

from benchmarks.contest import OURS, Contender

EVENTSOURCING = "eventsourcing"
RECORDER = "eventsourcing, recorder alone"
RUNNER = "eventsourcing, its runner"
READER = "eventsourcing, reading batches"
RAW = "psycopg by hand"
BEST_RAW = "psycopg by hand, one statement"
DJANGO_DEFAULTS = "Django's default options"
BARE_VIEW = "a bare view, one INSERT"
BOUND_VIEW = "a bare view, execute()"
ONE_BY_ONE = "one by one"

_PACKAGE = "benchmarks.contenders"
_SAMPLE = {"DJANGO_SETTINGS_MODULE": f"{_PACKAGE}.tidemark.settings"}

# Ours: the engine in a small project, and the site itself.
BARE = Contender(OURS, f"{_PACKAGE}.tidemark", "", environment=_SAMPLE)
REAL_TIME = replace(BARE, environment={**_SAMPLE, "PURSES": "real-time"})
DELAYED = replace(BARE, environment={**_SAMPLE, "PURSES": "delayed"})
SITE = Contender(OURS, f"{_PACKAGE}.site", "", environment={"DJANGO_SETTINGS_MODULE": "config.settings"})

# The ceiling: what the driver alone can do.
RAW_STACK = Contender(RAW, f"{_PACKAGE}.raw", "")
BEST_RAW_STACK = replace(RAW_STACK, name=BEST_RAW, work="append-batch")

# The peers.
_EVENTSOURCING = Contender(EVENTSOURCING, f"{_PACKAGE}.eventsourcing", "", peer="eventsourcing")
_WITH_FUNCTIONS = replace(
    _EVENTSOURCING,
    name="eventsourcing, db functions",
    environment={"POSTGRES_ENABLE_DB_FUNCTIONS": "yes"},
)
_ON_DJANGO = replace(
    _EVENTSOURCING,
    name="eventsourcing-django",
    peer="eventsourcing-django",
    environment={"PERSISTENCE_MODULE": "eventsourcing_django"},
)
_SOURCERY = Contender("event-sourcery", f"{_PACKAGE}.event_sourcery", "", peer="event-sourcery")
RECORDER_STACK = replace(_EVENTSOURCING, name=RECORDER, work="record")
READER_STACK = replace(_EVENTSOURCING, name=READER, work="read")
WAITING = _EVENTSOURCING

WRITING = [BARE, _EVENTSOURCING, _WITH_FUNCTIONS, _ON_DJANGO, _SOURCERY]
READING = [BARE, _EVENTSOURCING, _ON_DJANGO, _SOURCERY]
DECIDING = [REAL_TIME, _EVENTSOURCING, _WITH_FUNCTIONS, _ON_DJANGO, _SOURCERY]
RUNNERS = [replace(_EVENTSOURCING, name=RUNNER), _SOURCERY]

ON_SQLITE = [
    replace(REAL_TIME, on_sqlite=True),
    replace(
        REAL_TIME,
        name=DJANGO_DEFAULTS,
        on_sqlite=True,
        environment={**REAL_TIME.environment, "PLAIN_SQLITE": "1"},
    ),
]
SERVED = [
    replace(SITE, environment={**SITE.environment, "THROTTLE_USER": "1000000000/min"}),
    replace(REAL_TIME, name=BOUND_VIEW, options={"path": "/execute"}),
    replace(BARE, name=BARE_VIEW, options={"path": "/insert"}),
]
