"""Time stamps of heads by RFC 3161, from `openssl ts` as a real authority, which also verifies them."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from django.test import override_settings

from eventstore.execute import execute
from eventstore.integrity.sealer import seal
from tests.eventstore.sample import Count
from tests.eventstore.witnesses import Reply, served

pytestmark = pytest.mark.django_db

OPENSSL = shutil.which("openssl")
needs_openssl = pytest.mark.skipif(not OPENSSL, reason="NO TIME STAMP IS MADE: openssl is not installed")
CONFIGURATION = """
[req]
distinguished_name = name
x509_extensions = extensions
prompt = no
[name]
CN = The tests' authority
[extensions]
basicConstraints = critical, CA:true
extendedKeyUsage = critical, timeStamping
[tsa]
default_tsa = ours
[ours]
serial = {folder}/serial
signer_cert = {folder}/certificate.pem
signer_key = {folder}/key.pem
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
crypto_device = builtin
"""


def openssl(*arguments: object) -> str:
    assert OPENSSL
    ended = subprocess.run([OPENSSL, *map(str, arguments)], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout + ended.stderr


@pytest.fixture
def authority(tmp_path: Path) -> Iterator[Path]:
    """The folder of an authority, which the settings name."""
    file = tmp_path / "openssl.cnf"
    file.write_text(CONFIGURATION.format(folder=tmp_path))
    pair = ("-keyout", tmp_path / "key.pem", "-out", tmp_path / "certificate.pem")
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256")
    openssl("req", "-x509", *curve, "-nodes", "-days", "2", "-config", file, *pair)

    def reply(_path: str, body: bytes) -> Reply:
        (tmp_path / "query").write_bytes(body)
        openssl("ts", "-reply", "-config", file, "-queryfile", tmp_path / "query", "-out", tmp_path / "reply")
        return 200, "application/timestamp-reply", (tmp_path / "reply").read_bytes()

    with served(reply) as url, override_settings(SEAL_TIMESTAMP_URL=url):
        yield tmp_path


def count(key: str) -> None:
    execute(Count(UUID(int=1), 1), key, actor="ann")


@needs_openssl
def test_each_head_is_stamped_and_openssl_verifies_it(authority: Path) -> None:
    count("one")
    for head in seal():
        (authority / "note").write_text(head.note)
        (authority / "token").write_bytes(head.timestamp or b"")
        trusted = ("-CAfile", authority / "certificate.pem")
        said = openssl("ts", "-verify", "-data", authority / "note", "-in", authority / "token", "-token_in", *trusted)
        assert "Verification: OK" in said


@pytest.mark.parametrize(
    "reply",
    [
        (200, "application/timestamp-reply", b"nonsense"),
        (200, "application/timestamp-reply", b""),
        (503, "text/html", b"<h1>down</h1>"),
        (200, "application/timestamp-reply", bytes.fromhex("3003020102")),
        (200, "application/timestamp-reply", bytes.fromhex("30053003020102")),  # a rejection
    ],
)
def test_nonsense_is_told_and_never_stops_a_seal(reply: Reply, caplog: pytest.LogCaptureFixture) -> None:
    count("one")
    with served(lambda path, body: reply) as url, override_settings(SEAL_TIMESTAMP_URL=url):
        heads = seal()
    assert [head.timestamp for head in heads] == [None, None]
    assert caplog.messages[0].startswith("Heads are without time stamps until this is over.")


@needs_openssl
def test_a_stamp_over_something_else_is_not_taken(authority: Path, caplog: pytest.LogCaptureFixture) -> None:
    count("one")
    (first, _) = seal()
    assert first.timestamp
    old = (authority / "reply").read_bytes()
    count("two")
    with (
        served(lambda path, body: (200, "application/timestamp-reply", old)) as url,
        override_settings(SEAL_TIMESTAMP_URL=url),
    ):
        assert [head.timestamp for head in seal()] == [None, None]
    assert "something else" in caplog.messages[0]
