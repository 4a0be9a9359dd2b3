"""`--help` of the commands that seal, verify, archive and restore: it teaches by examples, and tells the exit codes."""

from argparse import ArgumentParser

import pytest
from django.core.management import CommandError, get_commands, load_command_class

COMMANDS = (
    *("seal", "verify", "archive", "restore", "restore_drill", "begin_epoch"),
    *("replicate_log", "browsing_indexes", "partitions", "relay", "catalogue", "metrics"),
)


def parser_of(command: str) -> ArgumentParser:
    return load_command_class(get_commands()[command], command).create_parser("manage.py", command)


@pytest.mark.parametrize("command", COMMANDS)
def test_it_shows_what_one_types_and_what_an_exit_code_means(command: str) -> None:
    lines = parser_of(command).format_help().splitlines()
    examples = lines[lines.index("examples:") + 1 : lines.index("exit codes:")]
    assert len([line for line in examples if f"manage.py {command} " in line]) >= 2
    codes = [line.split()[0] for line in lines[lines.index("exit codes:") + 1 :] if line.strip()]
    assert {"0", "1"} <= set(codes)
    assert set(codes) <= {"0", "1", "3"}


@pytest.mark.parametrize(("text", "said"), [("yesterday", "is no time"), ("2026-03-01T12:00:00", "lacks its offset")])
def test_a_time_that_is_none_is_refused_with_the_way_to_write_one(text: str, said: str) -> None:
    with pytest.raises(CommandError) as refused:
        parser_of("restore").parse_args(["archive", "--to-time", text])
    assert said in str(refused.value)
    assert "2026-03-01T12:00:00+01:00" in str(refused.value)
