"""The models of the write side: who may sign in. All else lives in events."""

from accounts.users.models import User

__all__ = ["User"]
