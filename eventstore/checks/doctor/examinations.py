"""The examinations, each independent of the others. To add one, write it, and name it in a list at the end."""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from django.core.checks import Tags, run_checks
from django.db.migrations.executor import MigrationExecutor

from eventstore.backends import log_database, store
from eventstore.checks import GUARDS_TAG, apps, configuration, database, declarations, read_models
from eventstore.checks import keys as key_checks
from eventstore.checks.doctor.drills import drills
from eventstore.checks.doctor.epochs import epochs, readers, restores
from eventstore.checks.doctor.erasure_list import listed_erasures
from eventstore.checks.doctor.findings import Finding, act, fine, from_checks
from eventstore.checks.doctor.followers import followers
from eventstore.checks.doctor.movement import movement
from eventstore.checks.doctor.partitions import partitioned
from eventstore.checks.doctor.personal_data import erasures, keys, personal_data
from eventstore.checks.doctor.reach import is_for_this_machine
from eventstore.checks.doctor.replication import read_database, slots
from eventstore.checks.doctor.seals import seals
from eventstore.evolution.gate import abbreviated

CHANGE_OR_SILENCE: Final = "Change that setting; what you can live with, name in SILENCED_SYSTEM_CHECKS: {id}"

Examination = Callable[[], Iterable[Finding]]


def code() -> list[Finding]:
    """Examines declarations against the recorded shapes."""
    looks = declarations.check_shapes, apps.check_apps, declarations.check_deciders, declarations.check_projections
    found = [message for look in (*looks, read_models.check_read_models) for message in look()]
    return from_checks("code", found, "Events, commands and projectors are as they were recorded.")


def configured() -> list[Finding]:
    """Examines the settings of Django."""
    found = [*configuration.check_configuration(), *key_checks.check_master_key()]
    return from_checks("settings", found, "Commands commit by themselves; times are UTC.")


def security() -> list[Finding]:
    """Examines the security checks of Django and the project; those of deployment on a site that others can reach."""
    found = run_checks(
        tags=[Tags.security], databases=[log_database()], include_deployment_checks=not is_for_this_machine()
    )
    who = "this machine alone" if is_for_this_machine() else "others to reach"
    return from_checks("security", found, f"The settings are fit for {who}.", remedy=CHANGE_OR_SILENCE)


def migrations() -> Iterator[Finding]:
    """Examines whether all migrations are applied."""
    executor = MigrationExecutor(store().connection)
    waiting = [str(migration) for migration, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())]
    if waiting:
        yield act("migrations", f"Not applied: {abbreviated(waiting)}.", "manage.py migrate")
    else:
        yield fine("migrations", "All are applied.")


def durability() -> list[Finding]:
    """Examines whether an answered command survives a crash."""
    found = database.run(database.settings_of, store().connection)
    return from_checks("durability", found, "What was answered survives a crash of the machine.")


def role() -> list[Finding]:
    """Examines whether the site's role could switch the guards off."""
    if not store().has_roles:
        return [fine("role", "SQLite has no roles: whoever can write the file can do anything, so guard the file.")]
    found = database.run(database.role, store().connection)
    return from_checks("role", found, "The database role can add facts, and change none.")


def guards() -> list[Finding]:
    """Examines the guards of the log, and those of other apps."""
    others = run_checks(tags=[GUARDS_TAG], databases=[log_database()])
    found = [*database.run(database.guards, store().connection), *others]
    return from_checks("guards", found, "Events and commands are append-only, and positions are drawn.")


def stored() -> list[Finding]:
    """Examines whether the code can read all stored types."""
    found = database.run(database.stored_messages, store().connection)
    return from_checks("stored messages", found, "The code knows every type in the log and in the command store.")


def publications() -> list[Finding]:
    """Examines what is published to other databases."""
    found = database.run(database.publications, store().connection)
    return from_checks("publications", found, "No read model is published to other databases.")


WITHOUT_DATABASE: list[Examination] = [code, configured, security]
ON_THE_DATABASE: list[Examination] = [migrations, durability]
ON_OUR_TABLES: list[Examination] = [
    *(role, guards, stored, restores, epochs, readers, seals, keys, personal_data),
    *(erasures, listed_erasures, drills, publications, read_database, slots, followers, partitioned, movement),
]
