"""What an attacker looks for is not there: code out of text, parsers that do more than parse, ways out, raw markup.

Ruff looks for more of the kind (`S`); what it is told to overlook carries its reason.
"""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.test_docs import ROOT

APPS = ("accounts", "config", "demo", "eventstore", "projections")
MODULES = sorted(path for app in APPS for path in (ROOT / app).rglob("*.py"))
TEMPLATES = sorted(path for folder in ("templates", "eventstore") for path in (ROOT / folder).rglob("*.html"))
SCRIPTS = sorted(path for folder in ("static", "eventstore") for path in (ROOT / folder).rglob("*.js"))

CODE_FROM_TEXT = {"eval", "exec", "compile", "__import__"}
LOADERS = {"pickle", "marshal", "shelve", "dill", "jsonpickle", "yaml", "xml", "lxml", "zipfile", "tarfile"}
WRITES_ZIP = "eventstore/proofs/program.py"  # the verifier's file; it reads none
WAYS_OUT = {"requests", "httpx", "urllib3", "aiohttp", "ftplib", "telnetlib", "http.client", "urllib.request"}
ASK_OTHERS = {  # whom the operator names, never a caller; docs/security.md lists them
    "eventstore/keys/erasure_places.py": "the keeper of the erasure list",
    "eventstore/integrity/others.py": "the sealer's witness and authority for time stamps",
}
CRYPTOGRAPHY = {"cryptography", "hashlib", "hmac", "secrets", "django.utils.crypto", "django.core.signing", "jwt"}
DOCUMENT = ROOT / "docs/security.md"
RANDOM_FOR = {  # chance that keeps no secret
    "demo": "a made-up world",
    "eventstore/backends/retries.py": "pauses of rivals",
    "eventstore/projecting/runner/wakeup.py": "pauses of rivals",
    "eventstore/live/frames.py": "pauses of listeners",
    "eventstore/projecting/inspect/drift.py": "a sample",
    "eventstore/integrity/verify/sample.py": "a sample",
    "eventstore/checks/read_models.py": "a probe of declarations",
}
MARKUP = re.compile(r"\|\s*safe\b|autoescape off|\|\s*safeseq\b|\bmark_safe\b")
SCRIPT_RISKS = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|postMessage|"
    r"localStorage|sessionStorage|indexedDB|document\.cookie|__proto__"
)
SILENCED = re.compile(r"noqa: S\d")
SILENCED_WITH_A_REASON = re.compile(r"noqa: S\d+ - \w")


def imports(path: Path) -> Iterator[str]:
    """The modules that a file imports, with their parents."""
    for node in ast.walk(ast.parse(path.read_text())):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            names = [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
        for name in names:
            parts = name.split(".")
            yield from (".".join(parts[: length + 1]) for length in range(len(parts)))


def calls(path: Path) -> Iterator[ast.Call]:
    return (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))


def test_no_code_is_made_of_text() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path in MODULES
        for call in calls(path)
        if isinstance(call.func, ast.Name) and call.func.id in CODE_FROM_TEXT
    ]
    assert found == []


def test_patterns_and_templates_are_written_here_and_never_by_a_caller() -> None:
    """A pattern consists of constants, but in modules that see the site's own languages, settings and names alone."""
    patterns, templates = set(), set()
    for path in MODULES:
        for call in calls(path):
            name = ast.unparse(call.func)
            if name.startswith("re.") and call.args and not _is_constant(call.args[0]):
                patterns.add(str(path.relative_to(ROOT)))
            if name.rpartition(".")[2] in {"Template", "from_string"}:
                templates.add(str(path.relative_to(ROOT)))
    assert patterns == {
        "accounts/domain/notation.py",
        "accounts/users/devices.py",
        "config/fresh_env.py",
        "config/environment.py",
    }
    assert templates == set()


def _is_constant(node: ast.expr) -> bool:
    match node:
        case ast.Constant():
            return True
        case ast.Name(id=name):
            return name.isupper()
        case ast.JoinedStr(values=values):
            return all(_is_constant(part.value if isinstance(part, ast.FormattedValue) else part) for part in values)
        case _:
            return False


def test_no_shell_is_asked() -> None:
    shells = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path in MODULES
        for call in calls(path)
        if any(keyword.arg == "shell" for keyword in call.keywords)
        or ast.unparse(call.func) in {"os.system", "os.popen"}
    ]
    assert shells == []


@pytest.mark.parametrize("kind", [LOADERS, WAYS_OUT], ids=["loaders", "ways out"])
def test_no_module_loads_objects_or_calls_other_sites(kind: set[str]) -> None:
    found = {str(path.relative_to(ROOT)): kind & set(imports(path)) for path in MODULES if kind & set(imports(path))}
    allowed = ASK_OTHERS if kind is WAYS_OUT else [WRITES_ZIP]
    assert {path: names for path, names in found.items() if path not in allowed} == {}


def test_chance_that_can_be_guessed_keeps_no_secret() -> None:
    found = {str(path.relative_to(ROOT)) for path in MODULES if "random" in set(imports(path))}
    assert {path for path in found if path not in RANDOM_FOR and not path.startswith("demo/")} == set()


def test_only_these_modules_do_cryptography() -> None:
    """The list of docs/security.md: what a key or a hash protects is looked at as a whole."""
    listed = re.findall(r"`((?:accounts|config|demo|eventstore|projections)/[\w/]+\.py)`", _section("cryptography"))
    found = {str(path.relative_to(ROOT)) for path in MODULES if set(imports(path)) & CRYPTOGRAPHY}
    assert set(listed) == found


def _section(word: str) -> str:
    """The section of docs/security.md with this word in its heading."""
    (found,) = re.findall(rf"^## [^\n]*{word}[^\n]*\n(.*?)(?=^## )", DOCUMENT.read_text(), re.MULTILINE | re.DOTALL)
    return str(found)


def test_no_broken_hash_is_used() -> None:
    named = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path in MODULES
        for call in calls(path)
        if re.search(r"hashlib\.(md5|sha1)|\b(MD5|SHA1|ECB|CBC|PKCS1v15|Fernet)\b", ast.unparse(call.func))
    ]
    assert named == []


def test_templates_escape_everything() -> None:
    assert TEMPLATES
    unescaped = {path.name: MARKUP.findall(path.read_text()) for path in TEMPLATES if MARKUP.search(path.read_text())}
    assert unescaped == {}
    code = [path.relative_to(ROOT) for path in MODULES if "mark_safe(" in path.read_text()]
    assert code == []


def test_scripts_write_text_and_keep_nothing() -> None:
    assert SCRIPTS
    risks = {path.name: SCRIPT_RISKS.findall(path.read_text()) for path in SCRIPTS}
    assert {name: found for name, found in risks.items() if found} == {}


def test_the_linter_looks_for_more_of_the_kind() -> None:
    ruff = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["ruff"]["lint"]
    assert "S" in ruff["select"]
    assert [rule for rule in ruff["ignore"] if rule.startswith("S")] == ["S101", "S603"]
    overlooked = [line.strip() for path in MODULES for line in path.read_text().splitlines() if SILENCED.search(line)]
    assert [line for line in overlooked if not SILENCED_WITH_A_REASON.search(line)] == []
