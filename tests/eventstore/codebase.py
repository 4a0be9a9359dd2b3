"""An app whose code a test writes, and changes, as a developer would."""

import importlib
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from types import ModuleType
from unittest import mock

from django.apps import AppConfig, apps

from eventstore import messages
from eventstore.evolution import files, gate
from eventstore.evolution.record import Recorded, record
from eventstore.messages import upcasters
from eventstore.projecting.declaration.registry import projections

IMPORTS = """
from uuid import UUID
from eventstore.messages import Personal, command, event
from eventstore.projecting import fold, rows
from eventstore.messages import upcaster
from tests.eventstore.sample import Counted, Reset
from tests.eventstore.sample_projections import Asked, Line, Standing
"""

_numbers = count()  # a module is imported once, so each state of the code is a module of its own


class Codebase(AppConfig):
    """The app `tide`, in a folder of its own; what it declares is all that is declared."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / f"tide{next(_numbers)}"
        self.folder.mkdir()
        (self.folder / "__init__.py").touch()
        module = ModuleType(self.folder.name)
        module.__file__ = str(self.folder / "__init__.py")
        super().__init__(self.folder.name, module)

    @property
    def shapes(self) -> Path:
        return files.path_of(self)

    def has(self, code: str, **others: str) -> None:
        """Let this be the app's code, and forget what it was."""
        for registry in (messages.events, messages.commands, projections, upcasters._upcasters):
            registry.clear()
        for name, text in others.items():
            self._write(name, text)
        self._import(self._write(f"code{next(_numbers)}", IMPORTS + code))

    def record(self, *, force: Sequence[str] = ()) -> Recorded:
        return record([self], force=force)

    def findings(self) -> dict[str, str]:
        """The ids of the messages of `record_shapes --check`."""
        return {str(found.id).partition(".")[2]: found.msg for found in gate.findings()}

    def _write(self, name: str, text: str) -> str:
        (self.folder / f"{name}.py").write_text(text)
        return name

    def _import(self, name: str) -> None:
        importlib.invalidate_caches()
        importlib.import_module(f"{self.name}.{name}")


@contextmanager
def codebase(folder: Path) -> Iterator[Codebase]:
    """The app, installed as long as it is needed; the others declare nothing meanwhile."""
    app = Codebase(folder)
    with (
        mock.patch.dict(apps.app_configs, {app.label: app}),
        mock.patch.object(files, "FILE", "tide.json"),  # what other apps have recorded is not to be missed
        mock.patch.object(sys, "path", [str(folder), *sys.path]),
        mock.patch.dict(messages.events),
        mock.patch.dict(messages.commands),
        mock.patch.dict(projections),
        mock.patch.dict(upcasters._upcasters),
    ):
        yield app
