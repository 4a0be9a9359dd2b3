"""The models of the write side: the users. All other state is in events."""

from accounts.users.models import User

__all__ = ["User"]
