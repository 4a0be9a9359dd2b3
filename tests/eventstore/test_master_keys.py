"""The wrong master key is refused, and keys come from the settings, a file, or a provider of one's own."""

import base64
import hmac
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap
from django.conf import settings
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.test import override_settings

from eventstore import checks, log, personal
from eventstore.checks import database
from eventstore.checks.keys import check_master_key
from eventstore.errors import KeysUnavailable
from eventstore.execute import execute
from eventstore.keys import CannotUnwrap, LocalKey, MasterKey, installation, ring
from eventstore.keys.masters import seal, unseal
from eventstore.models import Command, Event, SiteKey, SubjectKey
from tests.eventstore.sample import Count, NotePerson, PersonNoted

pytestmark = pytest.mark.django_db

PERSON = UUID(int=1)
OWN_KEY: bytes = settings.PERSONAL_DATA_KEY or b""
OTHER_KEY = bytes(range(100, 132))


@contextmanager
def another_process(**changes: Any) -> Iterator[None]:
    """The same database with other settings, and nothing remembered."""
    ring.forget()
    with override_settings(**changes):
        yield
    ring.forget()


@pytest.mark.parametrize("order", [NotePerson(PERSON, "Ann"), Count(UUID(int=2), 1)])
def test_no_command_is_stored_with_the_wrong_key(order: Any) -> None:
    with another_process(PERSONAL_DATA_KEY=OTHER_KEY), pytest.raises(KeysUnavailable, match="PERSONAL_DATA_KEYS_OLD"):
        execute(order, "one", actor="ann")
    assert not Command.objects.exists()
    assert not Event.objects.exists()
    assert not SubjectKey.objects.exists()


def test_nothing_is_appended_with_the_wrong_key() -> None:
    with another_process(PERSONAL_DATA_KEY=OTHER_KEY), pytest.raises(KeysUnavailable):
        log.append("person", PERSON, [PersonNoted(PERSON, "Ann")], actor="test")
    assert not SubjectKey.objects.exists()


def test_a_process_that_ran_before_is_refused_too_once_its_key_is_changed() -> None:
    execute(NotePerson(PERSON, "Ann"), "one", actor="ann")
    with override_settings(PERSONAL_DATA_KEY=OTHER_KEY), pytest.raises(KeysUnavailable):
        execute(NotePerson(PERSON, "Bob"), "two", actor="ann")


@pytest.mark.parametrize("command", ["check_projections", "run_projections", "rebuild_projections", "run_due"])
def test_commands_refuse_to_start_with_the_wrong_key(command: str) -> None:
    with another_process(PERSONAL_DATA_KEY=OTHER_KEY), pytest.raises(CommandError, match="rotate_keys"):
        call_command(command)


def test_the_check_of_the_database_names_both_keys_and_the_way_out() -> None:
    with another_process(PERSONAL_DATA_KEY=OTHER_KEY):
        (error,) = [found for found in database.check_database(["default"]) if found.id == "eventstore.E061"]
    assert LocalKey(OWN_KEY).id in error.msg
    assert LocalKey(OTHER_KEY).id in error.msg
    assert "PERSONAL_DATA_KEYS_OLD" in (error.hint or "")


def test_a_database_from_before_site_keys_is_adopted_by_its_key_alone() -> None:
    stored = old_database("Ann")
    with another_process(PERSONAL_DATA_KEY=OTHER_KEY), pytest.raises(KeysUnavailable, match="another master key"):
        personal.reveal([stored])
    assert not SiteKey.objects.exists(), "nothing is adopted with the wrong key"
    ring.forget()
    assert personal.reveal([stored]) == [PersonNoted(PERSON, "Ann")]
    assert personal.keyed_hash(b"text") == old_hash(b"text"), "commands from before are recognised"


def test_a_database_that_two_keys_have_written_is_read_with_both() -> None:
    first = old_database("Ann")
    second = old_database("Bob", OTHER_KEY, UUID(int=2))
    with another_process(PERSONAL_DATA_KEYS_OLD=[OTHER_KEY]):
        assert [noted.name for noted in personal.reveal([first, second])] == ["Ann", "Bob"]


def old_database(name: str, master: bytes = OWN_KEY, person: UUID = PERSON) -> PersonNoted:
    """An event as it was stored when the keys of persons were encrypted with a key derived from the master key."""
    concealed = personal.conceal(PersonNoted(person, name))
    row, keys = SubjectKey.objects.get(pk=person), ring.ring().wrapping
    assert row.site_key_id
    assert row.wrapped
    clear = unseal(keys[row.site_key_id], bytes(row.wrapped), person.bytes)
    wrapped = seal(LocalKey(master).derive(b"wrap"), clear, person.bytes)
    SubjectKey.objects.filter(pk=person).update(wrapped=wrapped, site_key=None)
    SiteKey.objects.all().delete()
    ring.forget()
    return concealed


def old_hash(text: bytes) -> bytes:
    return hmac.digest(LocalKey(OWN_KEY).derive(b"fingerprint"), text, "sha256")


BAD_KEYS = {
    None: "is not set",
    b"": "is not set",
    "a passphrase that is long enough, or is it": "must be bytes",
    b"short": "must hold 32 bytes, not 5",
    b"correct horse battery staple, and so on": "is text",
    bytes(32): "repeats a few bytes",
}


@pytest.mark.parametrize("key", BAD_KEYS)
def test_a_key_that_can_be_guessed_is_an_error_that_says_how_to_make_one(key: Any) -> None:
    with override_settings(PERSONAL_DATA_KEY=key):
        (error,) = check_master_key()
    assert BAD_KEYS[key] in error.msg
    assert "os.urandom(32)" in (error.hint or "")


@pytest.mark.parametrize("key", BAD_KEYS)
def test_nothing_is_stored_with_such_a_key_even_if_checks_are_skipped(key: Any) -> None:
    with another_process(PERSONAL_DATA_KEY=key), pytest.raises(ImproperlyConfigured, match="PERSONAL_DATA_KEY"):
        execute(NotePerson(PERSON, "Ann"), "one", actor="ann")


def test_a_setting_that_is_missing_altogether_is_an_error() -> None:
    with override_settings():
        del settings.PERSONAL_DATA_KEY
        (error,) = check_master_key()
    assert "is not set" in error.msg


def test_a_weak_key_will_do_in_debug_and_a_good_one_always() -> None:
    assert check_master_key() == []
    with override_settings(DEBUG=True, PERSONAL_DATA_KEY=bytes(32)):
        assert check_master_key() == []


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    file = tmp_path / "keys"
    file.write_text("\n".join(base64.b64encode(key).decode() for key in (OTHER_KEY, OWN_KEY)))
    file.chmod(0o600)
    return file


def from_file(file: Path) -> Any:
    return override_settings(PERSONAL_DATA_KEY_PROVIDER="eventstore.keys.in_file", PERSONAL_DATA_KEY_FILE=str(file))


def test_keys_are_read_from_a_file_the_first_one_encrypts(key_file: Path) -> None:
    stored = personal.conceal(PersonNoted(PERSON, "Ann"))
    ring.forget()
    with from_file(key_file):
        assert personal.reveal([stored]) == [PersonNoted(PERSON, "Ann")]
        assert check_master_key() == []
    ring.forget()


@pytest.mark.parametrize("mode", [0o644, 0o604, 0o620, 0o666])
def test_a_file_that_others_may_read_or_change_is_refused(key_file: Path, mode: int) -> None:
    key_file.chmod(mode)
    with from_file(key_file):
        (error,) = check_master_key()
    assert "chmod 600" in f"{error.msg} {error.hint}"


@pytest.mark.parametrize("text", ["", "not base64!", "c2hvcnQ=", "ключ"])
def test_a_file_without_a_good_key_is_refused(key_file: Path, text: str) -> None:
    key_file.write_text(text)
    with from_file(key_file):
        assert check_master_key()


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with from_file(tmp_path / "none"):
        assert "can't be read" in check_master_key()[0].msg


class Vault:
    """A key that wraps and unwraps, and never gives itself out, by AES key wrap (RFC 3394)."""

    id = "vault:tidemark/1"

    def __init__(self) -> None:
        self._key = bytes(range(32))
        self.asked = 0

    def wrap(self, key: bytes) -> bytes:
        return aes_key_wrap(self._key, key)

    def unwrap(self, wrapped: bytes) -> bytes:
        self.asked += 1
        try:
            return aes_key_unwrap(self._key, wrapped)
        except InvalidUnwrap as error:
            raise CannotUnwrap(self.id) from error


VAULT = Vault()


def in_the_vault() -> list[MasterKey]:
    return [VAULT]


def in_the_vault_and_before() -> list[MasterKey]:
    return [VAULT, LocalKey(OWN_KEY)]


def unreachable() -> list[MasterKey]:
    raise ConnectionError("the vault is sealed")


def by(provider: Any) -> Any:
    return another_process(PERSONAL_DATA_KEY_PROVIDER=f"{__name__}.{provider.__name__}")


def test_a_provider_of_one_s_own_never_gives_its_key_out_and_is_asked_once() -> None:
    SiteKey.objects.all().delete()
    with by(in_the_vault):
        VAULT.asked = 0
        for number in range(5):
            execute(NotePerson(UUID(int=number), f"Person {number}"), str(number), actor="ann")
        assert [record.event.name for record in log.read_stream(UUID(int=3))] == ["Person 3"]
        assert VAULT.asked == SiteKey.objects.count()
        assert set(SiteKey.objects.values_list("master", flat=True)) == {VAULT.id}


def test_one_moves_to_a_provider_by_a_rotation() -> None:
    execute(NotePerson(PERSON, "Ann"), "one", actor="ann")
    with by(in_the_vault_and_before):
        call_command("rotate_keys", verbosity=0)
    with by(in_the_vault):
        assert execute(NotePerson(PERSON, "Ann"), "one", actor="ann").replayed
        assert [record.event.name for record in log.read_stream(PERSON)] == ["Ann"]


def test_a_provider_that_does_not_answer_is_named() -> None:
    with by(unreachable):
        assert "the vault is sealed" in check_master_key()[0].msg


def test_the_check_runs_with_the_others() -> None:
    with override_settings(PERSONAL_DATA_KEY=None):
        assert "eventstore.E060" in [found.id for found in run_checks(tags=[checks.TAG])]


def test_a_tampered_site_key_is_named() -> None:
    SiteKey.objects.filter(purpose="wrap").update(wrapped=os.urandom(60))
    ring.forget()
    with pytest.raises(KeysUnavailable, match="eventstore_sitekey"):
        execute(NotePerson(PERSON, "Ann"), "one", actor="ann")
    ring.forget()


class ReadsGoToAReplica:
    """A router as many projects have one; this replica does not even exist."""

    def db_for_read(self, model: type[Any], **_: Any) -> str | None:
        return "replica" if model._meta.model_name in ("subjectkey", "sitekey", "parked", "stream") else None


def test_keys_are_read_where_they_are_written_whatever_the_router_says() -> None:
    with another_process(DATABASE_ROUTERS=[f"{__name__}.ReadsGoToAReplica"]):
        execute(NotePerson(PERSON, "Ann"), "one", actor="ann")
        assert [record.event.name for record in log.read_stream(PERSON)] == ["Ann"]
        call_command("rotate_keys", "--check", "--json")
        assert personal.erase(PERSON)
        assert [record.event.name for record in log.read_stream(PERSON)] == [None]


def test_migrate_adopts_no_database_of_another_key() -> None:
    old_database("Ann")
    with another_process(PERSONAL_DATA_KEY=OTHER_KEY), pytest.raises(CommandError, match="another master key"):
        installation.install("default")
    installation.install("default")
