"""Runs several programs as one: they start together and stop together, and one that ends or hangs is started again."""

from config.supervisor.supervisor import HUNG_AFTER_SECONDS, supervise

__all__ = ["HUNG_AFTER_SECONDS", "supervise"]
