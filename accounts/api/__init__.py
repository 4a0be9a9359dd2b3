"""The write side of the API: one view for each command. Queries are in `projections.api`."""

from accounts.api import refusals as refusals  # the statuses of its codes, before a view names one
