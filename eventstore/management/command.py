"""The base of the commands of `manage.py`: what ends one is a sentence, and with --json an object on stdout, too."""

import io
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, NoReturn

from django.core.management.base import BaseCommand, CommandError, CommandParser

from eventstore.management.troubles import Trouble, trouble_of

__all__ = ["EngineCommand"]

READER_LEFT: Final = 141  # what a shell says of a program that SIGPIPE has ended


class EngineCommand(BaseCommand):
    """A command that can't do its work ends with a sentence, and with 1 unless it says otherwise.

    So it does on a database that is away, not migrated, or takes no writes. With --json it prints an object as well:
    `{"error": {"code": "NOT_MIGRATED", "message": "…", "exit_code": 1}}`, unless it has printed its report by then.
    When whoever reads its output has seen enough (`| head`), it ends as other programs do: without a word, with 141.
    """

    def create_parser(self, prog_name: str, subcommand: str, **options: Any) -> CommandParser:
        """Django's own, whose complaints can be read by programs."""
        parser = super().create_parser(prog_name, subcommand, **options)
        parser.__class__ = Parser  # Django names the class itself
        return parser

    @contextmanager
    def surroundings(self, options: dict[str, Any]) -> Iterator[None]:
        """Within the block, the command runs; a kind of commands may prepare something, and refuse."""
        yield

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Django's own; raises CommandError for every trouble that is no mistake in the code."""
        output = Output(options.get("stdout") or self.stdout._out)
        try:
            with self.surroundings(options):
                returned = super().execute(*args, **{**options, "stdout": output})
            output.flush()  # a short output meets the closed pipe here, and not when Python ends
            return returned
        except Exception as error:
            trouble = trouble_of(error)
            told = Trouble("UNEXPECTED", f"{type(error).__name__}: {error}") if trouble is None else trouble
            code = error.returncode if isinstance(error, CommandError) else 1
            if wants_json(options) and (options.get("watch") or not output.is_used):
                output.write(as_json(told.code, told.message(error), code) + "\n")
            if trouble is None or (isinstance(error, CommandError) and told.message(error) == str(error)):
                raise
            raise CommandError(told.message(error), returncode=code) from error


class Output(io.TextIOBase):
    """The output of a command, which remembers whether anything was written."""

    def __init__(self, out: Any) -> None:
        self.out = out
        self.is_used = False

    def write(self, text: str, /) -> int:
        """Write a text; ends the program if nobody reads it any more."""
        self.is_used = True
        with _ended_without_reader(self.out):
            self.out.write(text)
        return len(text)

    def flush(self) -> None:
        """Hand on what was written; ends the program as `write` does."""
        with _ended_without_reader(self.out):
            self.out.flush()

    def isatty(self) -> bool:
        """Whether a person reads it."""
        return bool(self.out.isatty())


@contextmanager
def _ended_without_reader(out: Any) -> Iterator[None]:
    """End the program where the pipe that the block writes to was closed.

    By SystemExit, so that transactions and locks are let go of on the way, and no command takes it for a trouble of its
    own. What Python has still buffered goes nowhere, or it would complain at its end.
    """
    try:
        yield
    except BrokenPipeError:
        if out is sys.stdout:
            os.dup2(os.open(os.devnull, os.O_WRONLY), out.fileno())
        raise SystemExit(READER_LEFT) from None


class Parser(CommandParser):
    """Django's parser; with --json its complaints are an object on stdout as well."""

    wants_json = False

    def parse_args(self, args: Sequence[str] | None = None, namespace: Any = None) -> Any:  # type: ignore[override]
        """Parse arguments; what is wrong with one ends the program with 2."""
        self.wants_json = "--json" in self._option_string_actions and "--json" in (args or ())
        try:
            return super().parse_args(args, namespace)
        except CommandError as error:
            if self.called_from_command_line:
                self.error(str(error))
            raise

    def print_help(self, file: Any = None) -> None:
        """Print the help, as whole as somebody reads it."""
        with _ended_without_reader(sys.stdout):
            super().print_help(file)
            sys.stdout.flush()

    def error(self, message: str) -> NoReturn:
        """Complain."""
        if self.wants_json and self.called_from_command_line:
            sys.stdout.write(f"{as_json('USAGE', message, 2)}\n")
        super().error(message)
        raise AssertionError  # it has ended the program, or raised


def wants_json(options: dict[str, Any]) -> bool:
    """Whether a program reads the output."""
    return bool(options.get("json") or options.get("as_json"))


def as_json(code: str, message: str, exit_code: int) -> str:
    """What ended a command, for programs."""
    return json.dumps({"error": {"code": code, "message": message, "exit_code": exit_code}})
