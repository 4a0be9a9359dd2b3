"""A forger who owns the database: makes one change of a kind, chosen by a seeded generator, past all guards.

Each forgery does what such a person would do to hide it, as far as that needs no key: digests, heads and tiles can be
computed anew by anybody.
"""

from tests.torture.forgeries import columns, head_file, persons, rewrites, rows
from tests.torture.forgeries.registry import forgeries, lift_all_guards

__all__ = ["columns", "forgeries", "head_file", "lift_all_guards", "persons", "rewrites", "rows"]
