"""docs/security.md lists the events of the security log: each that the code records, and no other."""

import ast
import re
from collections.abc import Iterator

from accounts.services.security_events import GRAVE
from tests.architecture.test_dangerous_code import DOCUMENT, MODULES

EVENT = re.compile(r"[a-z_]+\.[a-z_]+|sign_out")


def recorded_by_the_code() -> Iterator[str]:
    """The names of events that are written out in a call of `record`, also where one of two is chosen."""
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "record":
                first = node.args[0] if node.args else None
                for part in ast.walk(first) if first else ():
                    if isinstance(part, ast.Constant) and EVENT.fullmatch(str(part.value)):
                        yield str(part.value)


def listed() -> set[str]:
    text = DOCUMENT.read_text()
    table = text.partition("| event | when |")[2].partition("\n\n")[0]
    names = (line.split("|")[1] for line in table.splitlines()[2:] if line.startswith("|"))
    return {name for cell in names for name in re.findall(r"`([^`]+)`", cell)}


def test_the_events_of_the_code_are_those_of_the_document() -> None:
    assert listed() == {*recorded_by_the_code(), *(name for name, _ in GRAVE.values())}
