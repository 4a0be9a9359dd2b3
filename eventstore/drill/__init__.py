"""Restore drills: an archive is restored into a scratch database, and everything there is held against the live site.

Steps that need a whole site (migrations, the project's own checks) run as programs of their own, for which the scratch
database takes the place of the log's: so neither the engine nor the project's code needs to know of it.

This module imports nothing: `program` runs before the apps are loaded.
"""
