"""Running delayed projections and reactions: one batch after the other, by any number of runners."""

from eventstore.projecting.runner.runner import Runner, position_of, read_up_to, wait_for

__all__ = ["Runner", "position_of", "read_up_to", "wait_for"]
