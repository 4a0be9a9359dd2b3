"""System checks: what can be known to be wrong before it goes wrong. Each says what, why it matters, and what to do.

`manage.py check` looks at the code and the settings; `manage.py check --database default` at the database as well.
"""

from django.core import checks

from eventstore.checks import configuration, database, declarations

TAG = "eventstore"
GUARDS_TAG = "guards"  # the tag of checks by which other apps tell `doctor` of guards of their own


def register() -> None:
    """Make the checks known to Django."""
    checks.register(declarations.check_shapes, TAG)
    checks.register(declarations.check_deciders, TAG)
    checks.register(declarations.check_projections, TAG)
    checks.register(configuration.check_configuration, TAG)
    checks.register(database.check_database, TAG, checks.Tags.database)
