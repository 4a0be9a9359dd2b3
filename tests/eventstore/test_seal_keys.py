"""The keys of seals: from the settings or a file; what is weak, open, or no key at all is refused with a next step."""

import base64
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings

from eventstore.integrity import seal_keys
from eventstore.verifier import notes
from tests.torture.threads import at_once

ONE, TWO = bytes(range(100, 132)), bytes(range(150, 182))
Keys = Callable[..., Path]


def text(key: bytes) -> str:
    return base64.b64encode(key).decode()


def public(key: bytes, name: str = "localhost") -> notes.Key:
    return notes.Key(name, Ed25519PrivateKey.from_private_bytes(key).public_key().public_bytes_raw())


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    def make(*lines: str, mode: int = 0o600) -> Path:
        path = tmp_path / "seal.key"
        path.write_text("".join(f"{line}\n" for line in lines))
        path.chmod(mode)
        return path

    return make


def in_file(path: Path | str) -> override_settings:
    return override_settings(SEAL_KEY="", SEAL_KEY_FILE=str(path), SEAL_NAME="", SEAL_KEY_ON_FIRST_USE=False)


def test_the_first_key_of_a_file_signs_and_the_others_are_known(keys: Keys) -> None:
    retired = public(bytes(range(32)), "old.example")
    with in_file(keys(text(ONE), text(TWO), str(retired))):
        assert seal_keys.signing_key().private_bytes_raw() == ONE
        assert seal_keys.known_keys() == [public(ONE), public(TWO), retired]


def test_the_key_of_the_settings_goes_before_those_of_the_file(keys: Keys) -> None:
    with override_settings(SEAL_KEY=text(TWO), SEAL_KEY_FILE=str(keys(text(ONE)))):
        assert [key.private_bytes_raw() for key in seal_keys.private_keys()] == [TWO, ONE]


def test_the_name_of_the_site_is_in_its_keys(keys: Keys) -> None:
    with in_file(keys(text(ONE))), override_settings(SEAL_NAME="bank.example"):
        assert str(seal_keys.known_keys()[0]).startswith("bank.example+")


@pytest.mark.parametrize("name", ["my bank", "a+b", "a\nb", "a\u00a0b"])
def test_a_name_that_would_spoil_a_note_is_refused(name: str) -> None:
    with override_settings(SEAL_NAME=name), pytest.raises(ImproperlyConfigured, match="SEAL_NAME"):
        seal_keys.name()


@pytest.mark.parametrize("mode", [0o644, 0o604, 0o620, 0o666])
def test_a_file_that_others_may_read_or_change_is_refused(keys: Keys, mode: int) -> None:
    with in_file(path := keys(text(ONE), mode=mode)), pytest.raises(ImproperlyConfigured, match=f"chmod 600 {path}"):
        seal_keys.signing_key()


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (text(b"a key that everybody could guess"), "is text"),
        (text(bytes(32)), "repeats a few bytes"),
        (text(ONE[:16]), "no key"),
        ("rubbish!", "no key"),
        ("localhost+00000000+AAAA", "no key"),
        ("", "There is no key"),
    ],
)
def test_what_is_no_good_key_is_refused_with_a_next_step(keys: Keys, line: str, fault: str) -> None:
    with in_file(keys(line)), pytest.raises(ImproperlyConfigured, match=fault):
        seal_keys.signing_key()


@pytest.mark.parametrize("value", ["rubbish", text(ONE[:31]), text(bytes(32))])
def test_the_setting_must_be_a_good_key_too(value: str) -> None:
    with override_settings(SEAL_KEY=value, SEAL_KEY_FILE=""), pytest.raises(ImproperlyConfigured, match="SEAL_KEY"):
        seal_keys.signing_key()


def test_a_file_that_is_missing_is_told(tmp_path: Path) -> None:
    with in_file(tmp_path / "nowhere"), pytest.raises(ImproperlyConfigured, match="--new-key"):
        seal_keys.signing_key()


def test_a_site_for_one_machine_makes_its_key_on_first_use(tmp_path: Path) -> None:
    path = tmp_path / "var" / "seal.key"
    with in_file(path), override_settings(SEAL_KEY_ON_FIRST_USE=True):
        first = seal_keys.signing_key().private_bytes_raw()
        assert seal_keys.signing_key().private_bytes_raw() == first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_programs_that_begin_at_once_agree_on_the_first_key(tmp_path: Path) -> None:
    with in_file(path := tmp_path / "seal.key"), override_settings(SEAL_KEY_ON_FIRST_USE=True):
        found = at_once([seal_keys.known_keys] * 8)
        assert found == [seal_keys.known_keys()] * 8
    assert list(tmp_path.iterdir()) == [path]
    assert len(path.read_text().splitlines()) == 1


def test_who_finds_none_and_is_overtaken_takes_the_others(keys: Keys, monkeypatch: pytest.MonkeyPatch) -> None:
    path = keys(text(ONE))
    looks = iter([False])
    monkeypatch.setattr(Path, "exists", lambda self: next(looks, True))
    with in_file(path), override_settings(SEAL_KEY_ON_FIRST_USE=True):
        assert seal_keys.known_keys() == [public(ONE)]


def test_a_new_key_goes_before_the_others_and_the_file_keeps_its_mode(keys: Keys) -> None:
    with in_file(path := keys(text(ONE), mode=0o640)):
        made = seal_keys.make_key()
        assert seal_keys.known_keys() == [made, public(ONE)]
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert list(path.parent.iterdir()) == [path]


def test_a_new_key_is_of_no_use_beside_one_in_the_settings(keys: Keys) -> None:
    with override_settings(SEAL_KEY=text(ONE), SEAL_KEY_FILE=str(path := keys(text(TWO)))):
        with pytest.raises(ImproperlyConfigured, match="first line"):
            seal_keys.make_key()
        assert path.read_text() == f"{text(TWO)}\n"


def test_a_new_key_needs_a_file() -> None:
    with override_settings(SEAL_KEY="", SEAL_KEY_FILE=""), pytest.raises(ImproperlyConfigured, match="SEAL_KEY_FILE"):
        seal_keys.make_key()
