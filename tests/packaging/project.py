"""The example in an environment of its own, with the wheel as another project would have it."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from shutil import copytree

from django.conf import settings

REPOSITORY: Path = settings.BASE_DIR
PINNED = re.compile(r"^(?!django==)[\w.-]+==[^\s;]+", re.MULTILINE)  # without the hashes; a test chooses its Django


@dataclass
class Project:
    """A copy of `examples/lending` in a folder, and the Python that runs it."""

    folder: Path
    interpreter: str = sys.executable

    def install(self, extras: str = "", *others: str) -> None:
        """Make the environment: the wheel with extras, and other packages in the versions that are pinned here."""
        self._run(self.interpreter, "-m", "venv", "--without-pip", self.folder / "venv")  # another's does
        pip = (sys.executable, "-m", "pip", "--python", self.python, "--quiet", "--disable-pip-version-check")
        self._run(
            *pip, "install", "--no-compile", "--constraint", self._constraints(), f"{self.wheel}{extras}", *others
        )
        copytree(REPOSITORY / "examples" / "lending", self.folder / "lending")

    def _constraints(self) -> Path:
        lists = [(REPOSITORY / name).read_text() for name in ("requirements.txt", "requirements-dev.txt")]
        file = self.folder / "constraints.txt"
        file.write_text("\n".join(PINNED.findall("\n".join(lists))))
        return file

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
