"""Around a promotion by Patroni: has this server all that was acknowledged? If nobody can prove it, an epoch begins.

    pre_promote:     python promotion.py judge  /etc/patroni.yml
    on_role_change:  python promotion.py settle /etc/patroni.yml --site '… manage.py begin_epoch --if-changed'

`judge` runs on the server that has won the leader's lock, before it is promoted. It counts as Patroni does in a race
for the lock, which a manual failover skips: enough of those that may have acknowledged for the old leader must be no
further than this server. If they are, the server's configuration says from which timeline it was promoted, and the
log's epoch goes on. If not, the server starts read-only, so that no position is given out twice while readers still
believe the old epoch.

`settle` runs after the promotion. It lets the site look at its log, which begins an epoch if there is doubt, and lets
writers in then. docs/decisions/0050-failover.md says why.

Runs with the Python of Patroni, whose configuration and client of the DCS it uses.
"""

import argparse
import json
import logging
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

PROMOTED_FROM: Final = "tidemark.promoted_from"
READ_ONLY: Final = "default_transaction_read_only"
ASK_SECONDS: Final = 2  # for another member to answer, as Patroni itself waits in a race
SETTLE_SECONDS: Final = 600  # for the site's command to succeed; then the server stays read-only, and a person looks
PAUSE_SECONDS: Final = 1

logger = logging.getLogger("promotion")


@dataclass(frozen=True)
class Sync:
    """Who took part in commits under the old leader: its name, its synchronous standbys, and how many must agree."""

    leader: str
    voters: frozenset[str]
    quorum: int


def has_all(name: str, position: int, sync: Sync, others: Mapping[str, int]) -> bool:
    """Whether a server at a position must have every commit that was acknowledged, given where others are.

    With n standbys of which k acknowledge, any n - k + 1 of them hold each commit: so this server and `quorum` others,
    n - k, that are no further. The old leader holds each by itself, also those that it acknowledged alone.
    """
    members = {*sync.voters, sync.leader}
    if not sync.leader or name == sync.leader or not sync.voters:
        return bool(sync.leader) and name == sync.leader
    agree = sum(other <= position for member, other in others.items() if member in members - {name})
    return agree >= sync.quorum + (name not in members)


def judge(path: str, database: str) -> int:
    """Write into this server's configuration what is known of the promotion; 0 unless that is not possible."""
    timeline = _timeline(path)
    try:
        proven = _has_all(path) and _is_settled(path, database, timeline)
    except Exception:
        logger.exception("It can't be found out whether this server has all that was acknowledged.")
        proven = False
    with _session(path) as session:
        if proven:
            logger.warning("This server has all that was acknowledged on timeline %d.", timeline)
            _set(session, **{PROMOTED_FROM: str(timeline), READ_ONLY: None})
        else:
            logger.error("This server may lack what was acknowledged: it is read-only until the log has a new epoch.")
            _set(session, **{PROMOTED_FROM: None, READ_ONLY: "on"})
    return 0


def settle(path: str, database: str, site: str, role: str) -> int:
    """Have the site look at its log once this server takes writes, and let writers in; 1 if that can't be done."""
    if role not in ("primary", "master"):
        return 0
    until, patroni = time.monotonic() + SETTLE_SECONDS, os.getppid()
    while time.monotonic() < until and (os.getppid() == patroni or _answers(path)):
        if _is_primary(path) and _look(site) and _is_settled(path, database, _timeline(path)):
            with _session(path) as session:
                _set(session, **{PROMOTED_FROM: None, READ_ONLY: None})
            return 0
        time.sleep(PAUSE_SECONDS)
    logger.error("The site has not looked at its log. If this server is read-only: docs/cluster.md says what to do.")
    return 1


def _look(site: str) -> bool:
    """Whether the site's command has succeeded; it may write, though others may not yet."""
    environment = {**os.environ, "PGOPTIONS": f"-c {READ_ONLY}=off"}
    done = subprocess.run(shlex.split(site), env=environment, capture_output=True, text=True, check=False)
    logger.warning("%s", (done.stdout + done.stderr).strip())
    return done.returncode == 0


def _has_all(path: str) -> bool:
    """What `has_all` says of this server; asks the DCS and the other members."""
    from patroni.dcs import get_dcs  # noqa: PLC0415 - Patroni's, which only its own Python has

    config = _config(path)
    cluster = get_dcs({**config, "patronictl": True}).get_cluster()
    if (cluster.config.data if cluster.config else {}).get("synchronous_mode") != "quorum":
        return False  # in other modes Patroni has written by now that this server leads, over who led before
    sync = Sync(cluster.sync.leader or "", frozenset(cluster.sync.voters), cluster.sync.quorum)
    others = _positions(config, [member for member in cluster.members if member.name != config["name"]])
    with _session(path) as session:
        (position,) = session.execute(
            "SELECT greatest(coalesce(pg_last_wal_receive_lsn(), '0/0'), pg_last_wal_replay_lsn()) - '0/0'"
        ).fetchone()
    logger.warning("Under %s; this server is at %d, others at %s.", sync, position, others)
    return has_all(config["name"], int(position), sync, others)


def _is_settled(path: str, database: str, timeline: int) -> bool:
    """Whether the site has looked at its log on this timeline: else an earlier promotion may have lost something."""
    with _session(path, database) as session:
        if session.execute("SELECT to_regclass('eventstore_cluster')").fetchone() == (None,):
            return True  # before `migrate` there is nothing to lose
        row = session.execute("SELECT place ->> 'timeline' FROM eventstore_cluster").fetchone()
    if row is not None and row != (str(timeline),):
        logger.warning("The site knows timeline %s of this database, not %d.", row[0], timeline)
        return False
    return True


def _positions(config: Mapping[str, Any], members: Collection[Any]) -> dict[str, int]:
    """How far the other members are, by name; those that don't answer are left out."""
    from patroni.request import PatroniRequest  # noqa: PLC0415 - likewise

    ask, found = PatroniRequest(dict(config)), {}
    for member in members:
        try:
            answer = json.loads(ask(member, timeout=ASK_SECONDS, retries=0).data)
        except Exception as error:
            logger.warning("%s does not answer: %s", member.name, error)
            continue
        places = answer.get("xlog", {})
        known = [places[key] for key in ("location", "received_location", "replayed_location") if places.get(key)]
        if known:
            found[member.name] = max(map(int, known))
    return found


def _config(path: str) -> dict[str, Any]:
    from patroni.config import Config  # noqa: PLC0415 - likewise

    config: dict[str, Any] = Config(path, validator=None).copy()
    return config


def _address(path: str) -> dict[str, Any]:
    """How to reach this server, as Patroni does."""
    own = _config(path)["postgresql"]
    host, _, port = own["connect_address"].rpartition(":")
    user = own["authentication"]["superuser"]
    return {
        "host": host,
        "port": port,
        "user": user["username"],
        "password": user.get("password"),
        "dbname": "postgres",
    }


def _session(path: str, database: str = "postgres") -> Any:
    import psycopg  # noqa: PLC0415 - likewise

    return psycopg.connect(**{**_address(path), "dbname": database}, autocommit=True)


def _timeline(path: str) -> int:
    """The timeline of this server: a standby's is that of the last record that it has."""
    import psycopg  # noqa: PLC0415 - likewise

    with psycopg.connect(**_address(path), autocommit=True, replication="database") as session:
        row = session.execute("IDENTIFY_SYSTEM").fetchone()
    assert row
    return int(row[1])


def _is_primary(path: str) -> bool:
    return _is_in_recovery(path) is False


def _answers(path: str) -> bool:
    return _is_in_recovery(path) is not None


def _is_in_recovery(path: str) -> bool | None:
    """Whether this server follows another; None if it does not answer."""
    try:
        with _session(path) as session:
            (answer,) = session.execute("SELECT pg_is_in_recovery()").fetchone()
    except Exception as error:
        logger.warning("This server does not answer: %s", error)
        return None
    return bool(answer)


def _set(session: Any, **settings: str | None) -> None:
    """Set what this server's own configuration says, also while it is a standby."""
    for name, value in settings.items():
        session.execute(f"ALTER SYSTEM SET {name} = '{value}'" if value else f"ALTER SYSTEM RESET {name}")
    session.execute("SELECT pg_reload_conf()")


def main(arguments: Sequence[str]) -> int:
    """Parse what Patroni calls this with."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    steps = parser.add_subparsers(dest="step", required=True)
    before, after = steps.add_parser("judge"), steps.add_parser("settle")
    for step in (before, after):
        step.add_argument("config", help="Patroni's configuration of this server")
        step.add_argument("--database", default="tidemark", help="the site's database [%(default)s]")
    after.add_argument("--site", required=True, help="the command that lets the site look at its log")
    after.add_argument("event", nargs=3, metavar="ACTION ROLE SCOPE", help="added by Patroni")
    given = parser.parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s: %(name)s: %(message)s")
    if given.step == "judge":
        return judge(given.config, given.database)
    return settle(given.config, given.database, given.site, given.event[1])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
