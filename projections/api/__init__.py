"""The read side of the API: one view for each query. Commands are in `accounts.api`."""

from projections.api import refusals as refusals  # the statuses of its codes, before a view names one
