"""The example in an environment of its own, with the wheel as another project would have it."""

import os
import subprocess
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from shutil import copytree

from django.conf import settings

REPOSITORY: Path = settings.BASE_DIR
UV = Path(sys.executable).with_name("uv")


@dataclass
class Project:
    """A copy of `examples/lending` in a folder, and the Python that runs it."""

    folder: Path
    interpreter: str = sys.executable

    def install(self, extras: str = "", *others: str) -> None:
        """Make the environment: the wheel with extras, and other packages."""
        self._run(UV, "venv", "--quiet", "--python", self.interpreter, self.folder / "venv")
        self._run(UV, "pip", "install", "--quiet", "--python", self.python, f"{self.wheel}{extras}", *others)
        copytree(REPOSITORY / "examples" / "lending", self.folder / "lending")

    @cached_property
    def wheel(self) -> Path:
        """Built from this repository, as `make wheel` does."""
        build = (sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", self.folder)
        self._run(*build, cwd=REPOSITORY)
        (wheel,) = self.folder.glob("*.whl")
        return wheel

    @property
    def python(self) -> Path:
        return self.folder / "venv" / "bin" / "python"

    def manage(self, *arguments: str, **environment: str) -> str:
        """What a command of `manage.py` prints; it has to succeed."""
        return self.run("manage.py", *arguments, **environment)

    def run(self, *arguments: str, **environment: str) -> str:
        """What the project's Python prints; it has to succeed, and knows nothing of this repository."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PYTEST"))}
        foreign = ("DJANGO_SETTINGS_MODULE", "DATABASE_URL", "DEBUG")
        kept = {name: value for name, value in clean.items() if name not in foreign}
        return self._run(self.python, *arguments, cwd=self.folder / "lending", env={**kept, **environment})

    def _run(self, *command: str | Path, cwd: Path | None = None, env: dict[str, str] | None = None) -> str:
        done = subprocess.run(command, cwd=cwd or self.folder, env=env, check=False, capture_output=True, text=True)
        assert done.returncode == 0, f"{' '.join(map(str, command))}\n{done.stdout}\n{done.stderr}"
        return done.stdout
