"""The wheel in another project: the guide's library runs on it, on each database, with each Django."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from django.conf import settings

from tests.packaging.project import Project

TESTS = ("pytest", "pytest-django")
TYPES = ("mypy", "django-stubs", "djangorestframework-stubs")

ELSEWHERE = """
from library.settings import *
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
ROOT_URLCONF = "lending.urls"
DATABASES["other"] = {**DATABASES["default"], "NAME": str(BASE_DIR / "other.sqlite3")}
"""
MISSING = """
from importlib.util import find_spec
assert not any(map(find_spec, ["psycopg", "tqdm", "rest_framework", "accounts"]))
"""
BUY = """
import django
django.setup()
from uuid import uuid4
from eventstore.execute import execute
from lending.commands import Buy
assert execute(Buy(uuid4(), "Middlemarch", "E 4"), "a key", actor="desk").accepted
"""


def newer_python() -> str | None:
    """A Python that Django 6.0 runs on, if this machine has one: on the path, or among those of pyenv."""
    names = [f"python3.{minor}" for minor in range(14, 11, -1)]
    others = sorted(Path.home().glob(".pyenv/versions/3.1[2-4].*/bin/python"), reverse=True)
    candidates = [sys.executable, *filter(None, map(shutil.which, names)), *map(str, others)]
    return next((python for python in candidates if is_new(python)), None)


def is_new(python: str) -> bool:
    """Whether it starts, and is 3.12 or newer; what is on the path may be a mere pointer to nowhere."""
    program = "import sys; sys.exit(sys.version_info < (3, 12))"
    return subprocess.run([python, "-c", program], check=False, capture_output=True).returncode == 0


@contextmanager
def database() -> Iterator[dict[str, str]]:
    """The environment that leads the library to an empty database of the kind that is tested."""
    if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        yield {}
        return
    host, user, name = settings.DATABASES["default"]["OPTIONS"]["host"], "tidemark", f"library_{uuid4().hex}"
    with psycopg.connect(host=host, user=user, dbname="postgres", autocommit=True) as session:
        session.execute(f"CREATE DATABASE {name}".encode())
        yield {"POSTGRES_HOST": host, "POSTGRES_USER": user, "POSTGRES_DB": name}
        session.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


NEWER = pytest.param("6.0", marks=pytest.mark.once("it differs in Django, which the older one tries on each database"))


@pytest.mark.parametrize("version", ["5.2", NEWER])
def test_the_library_runs(tmp_path: Path, version: str) -> None:
    project = Project(tmp_path)
    if version == "6.0":
        project.interpreter = newer_python() or pytest.skip("Django 6.0 needs Python 3.12, which is not here")
    project.install("[http,postgresql]", f"django=={version}.*", *TESTS)
    with database() as environment:
        for command in ("check", "migrate", "makemigrations --check", "record_shapes --check"):
            project.manage(*command.split(), **environment)
        project.run("-m", "pytest", "-q", "-p", "no:cacheprovider", **environment)
        project.run(
            "-c", f"import django; django.setup()\n{BUY}", DJANGO_SETTINGS_MODULE="library.settings", **environment
        )
        for command in ("run_projections --once", "run_due", "rebuild_projections", "check_projections"):
            project.manage(*command.split(), **environment)


@pytest.mark.sqlite
def test_its_types_are_strict(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.install("[http]", *TESTS, *TYPES)
    project.run("-m", "mypy", ".")


@pytest.mark.sqlite
def test_it_needs_no_extra_and_leaves_other_settings_alone(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.install()
    project.run("-c", MISSING)
    project.folder.joinpath("lending", "elsewhere.py").write_text(ELSEWHERE)
    environment = {"DJANGO_SETTINGS_MODULE": "elsewhere"}
    for command in ("migrate", "migrate --database other", "makemigrations --check --dry-run"):
        project.manage(*command.split(), **environment)
    project.run("-c", BUY, **environment)
    for command in ("run_projections --once", "rebuild_projections --verbosity 2", "check_projections"):
        project.manage(*command.split(), **environment)
