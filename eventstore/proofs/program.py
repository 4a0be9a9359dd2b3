"""The verifier as one file, for where Tidemark is not installed: a zip application of `eventstore.verifier`.

The same version gives the same bytes, so its SHA-256 can be told elsewhere.
"""

import hashlib
import io
import zipfile
from functools import cache
from importlib.resources import files
from typing import Final

__all__ = ["verifier_file", "verifier_hash"]

MAIN: Final = '''"""The verifier of Tidemark: python verifier.pyz --help."""

from eventstore.verifier.__main__ import main

raise SystemExit(main())
'''
FIRST_DAY: Final = (1980, 1, 1, 0, 0, 0)  # of the calendar of zip files
PLAIN_FILE: Final = 0o100644 << 16


@cache
def verifier_file() -> bytes:
    """The file `verifier.pyz`: `python verifier.pyz proof.json` runs it, with the package cryptography alone."""
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w", zipfile.ZIP_STORED) as archive:
        for name, content in sorted(_contents().items()):
            entry = zipfile.ZipInfo(name, FIRST_DAY)
            entry.create_system, entry.external_attr = 3, PLAIN_FILE
            archive.writestr(entry, content)
    return found.getvalue()


@cache
def verifier_hash() -> str:
    """The SHA-256 of the file, in hexadecimal."""
    return hashlib.sha256(verifier_file()).hexdigest()


def _contents() -> dict[str, str]:
    modules = [each for each in files("eventstore.verifier").iterdir() if each.name.endswith(".py")]
    package = {f"eventstore/verifier/{each.name}": each.read_text("utf-8") for each in modules}
    return {"__main__.py": MAIN, "eventstore/__init__.py": "", **package}
