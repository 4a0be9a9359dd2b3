"""Command views of this project: those of the engine, for the users of this project."""

from accounts.users.access import UserEndpoint
from eventstore.http import command_views
from eventstore.http.command_views import CommandResult, HttpCommand

__all__ = ["CommandResult", "CommandView", "HttpCommand", "PostCommandView"]


class CommandView(UserEndpoint, command_views.CommandView):
    """A command view for customers and members of staff."""


class PostCommandView(UserEndpoint, command_views.PostCommandView):
    """A command view for customers and members of staff that serves POST."""
