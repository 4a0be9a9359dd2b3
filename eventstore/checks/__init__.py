"""System checks, which find faults before they do harm. Each message names the fault, its consequence and the remedy.

`manage.py check` looks at the code and the settings; `manage.py check --database default` at the database as well.
"""

from django.core import checks

from eventstore.checks import apps, configuration, database, declarations, keys, read_models
from eventstore.checks.database import check_reachable

__all__ = ["GUARDS_TAG", "TAG", "check_reachable", "register"]

TAG = "eventstore"
GUARDS_TAG = "guards"  # the tag of other apps' checks of their own guards, which `doctor` runs too


def register() -> None:
    """Registers the checks with Django."""
    checks.register(declarations.check_shapes, TAG)
    checks.register(apps.check_apps, TAG)
    checks.register(declarations.check_deciders, TAG)
    checks.register(declarations.check_projections, TAG)
    checks.register(read_models.check_read_models, TAG)
    checks.register(configuration.check_configuration, TAG)
    checks.register(keys.check_master_key, TAG)
    checks.register(database.check_database, TAG, checks.Tags.database)
