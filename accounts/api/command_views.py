"""Command views of this project: those of the engine, for its users and its use cases."""

from typing import Any

from accounts.services import use_cases
from accounts.users.access import UserEndpoint
from eventstore.execute import CommandRequest
from eventstore.http import command_views
from eventstore.http.command_views import CommandResult, HttpCommand

__all__ = ["CommandResult", "CommandView", "HttpCommand", "PostCommandView"]


class CommandView(UserEndpoint, command_views.CommandView):
    """A command view for customers and members of staff; the policy and the side effects of a use case are included."""

    def request_for(self, http_command: HttpCommand, command: Any) -> CommandRequest:
        """The engine's request that sends a command; raises Refused by the policy of its use case."""
        return use_cases.command_request(
            command, http_command.key, actor=self.user.actor, proved_at=self.proved_at, **http_command.options
        )


class PostCommandView(CommandView, command_views.PostCommandView):
    """A command view for customers and members of staff that serves POST."""
