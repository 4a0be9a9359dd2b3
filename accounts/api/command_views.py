"""Command views of this project: those of the engine, for the users and the use cases of this project."""

from accounts.services import use_cases
from accounts.users.access import UserEndpoint
from eventstore.execute import CommandRequest
from eventstore.http import command_views
from eventstore.http.command_views import CommandResult, HttpCommand

__all__ = ["CommandResult", "CommandView", "HttpCommand", "PostCommandView"]


class CommandView(UserEndpoint, command_views.CommandView):
    """A command view for customers and members of staff."""

    def command_request(self, http_command: HttpCommand) -> CommandRequest:
        """The engine's request for a command, with its side effects; raises Refused by the policy of its use case."""
        command = self.command(http_command)
        return use_cases.command_request(command, http_command.key, actor=self.user.actor, **http_command.options)


class PostCommandView(CommandView, command_views.PostCommandView):
    """A command view for customers and members of staff that serves POST."""
