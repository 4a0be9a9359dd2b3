"""The container file, as far as it can be tried without a container engine: its steps, done in a scratch folder."""

import importlib.util
import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest
from django.core.management import get_commands, load_command_class

from config.management.commands.serve import helpers
from tests.config.test_deployment import PUBLIC

ROOT: Final = Path(__file__).resolve().parents[2]
FOLDER: Final = ROOT / "deploy" / "container"


def instructions() -> list[tuple[str, str]]:
    lines = (FOLDER / "Containerfile").read_text().replace("\\\n", "").splitlines()
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in lines if line and line[0] != "#")]


def roles() -> dict[str, list[str]]:
    spec = importlib.util.spec_from_file_location("entrypoint", FOLDER / "entrypoint.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: dict[str, list[str]] = module.ROLES
    return found


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the image would have: what is copied, with this environment's packages."""
    folder = tmp_path_factory.mktemp("image") / "tidemark"
    folder.mkdir()
    for word, rest in instructions():
        if word == "COPY" and not rest.startswith("--from"):
            source, target = ROOT / rest.split()[0], folder / rest.split()[1]
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, target / source.name if target.is_dir() else target)
    (folder / ".venv").symlink_to(Path(sys.executable).parent.parent)
    for word, rest in instructions():
        if word == "RUN" and "collectstatic" in rest:
            shell = ["/bin/sh", "-c", rest]
            subprocess.run(shell, cwd=folder, check=True, env=_environment())
    return folder


def _environment(**more: str) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "ENV_FILE": os.devnull, **more}


def test_packages_are_installed_as_make_does() -> None:
    (install,) = (rest for word, rest in instructions() if "pip install" in rest)
    made = (ROOT / "Makefile").read_text().replace("$(BIN)", ".venv/bin")
    assert f"\t{install}\n" in made


def test_what_is_collected_is_there(image: Path) -> None:
    manifest = json.loads((image / "var" / "static" / "staticfiles.json").read_text())
    assert manifest["paths"]


def test_a_site_of_it_is_ready_for_deployment(image: Path) -> None:
    (entry,) = (json.loads(rest) for word, rest in instructions() if word == "ENTRYPOINT")
    environment = _environment(**PUBLIC)
    check = [str(image / entry[0]), *entry[1:], "manage", "check", "--deploy", "--fail-level", "WARNING"]
    done = subprocess.run(check, cwd=image, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_an_unknown_role_is_refused(image: Path) -> None:
    command = [sys.executable, "deploy/container/entrypoint.py", "wbe"]
    done = subprocess.run(command, cwd=image, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.split(".")[0]) == (1, "There is no role 'wbe'")


def test_each_role_is_a_command_that_exists() -> None:
    for role, (name, *options) in ((role, words) for role, words in roles().items() if words):
        if role == "relay" and name not in get_commands():
            continue
        load_command_class(get_commands()[name], name).create_parser("manage.py", name).parse_args(options)


def test_each_part_that_serve_starts_has_a_role() -> None:
    commands = {words[0] for words in roles().values() if words}
    assert {"serve", *helpers()} <= commands


def test_nothing_of_this_machine_is_copied() -> None:
    ignored = (FOLDER / "Containerfile.containerignore").read_text().splitlines()
    assert {".env", "var", ".venv*", ".git"} <= {*ignored}
    sources = [
        shlex.split(rest)[0] for word, rest in instructions() if word == "COPY" and not rest.startswith("--from")
    ]
    assert [source for source in sources if source in {".", ".env", "var"} or not (ROOT / source).exists()] == []
