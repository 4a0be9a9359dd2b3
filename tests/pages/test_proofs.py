"""The proofs of entries as files, the verifier, and the page that says how to check."""

import hashlib
import json

import pytest
from django.test import Client

from eventstore.integrity.seal_keys import known_keys
from eventstore.integrity.sealer import seal
from eventstore.proofs import verifier_file
from projections.models import Account, Entry
from tests.pages.browser import text_of


@pytest.fixture
def path(account: Account) -> str:
    return f"/entries/{Entry.objects.get().entry_id}"


def test_before_the_first_head_the_page_promises_nothing(client: Client, path: str) -> None:
    text = text_of(client.get(path))
    assert "not sealed yet" in text
    assert "Download the proof" not in text
    answer = client.get(f"{path}/proof")
    assert (answer.status_code, answer.headers["Location"]) == (302, path)


def test_once_it_is_sealed_the_page_tells_the_head_and_gives_the_proof(client: Client, path: str) -> None:
    seal()
    page = client.get(path)
    head = page.context["seal"]
    assert all(told in text_of(page) for told in (head.origin, head.root, head.key, f"{head.size} leaves"))
    answer = client.get(f"{path}/proof")
    name = page.context["proof_file"]
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert json.loads(answer.content)["position"] == Entry.objects.get().position


@pytest.mark.django_db
def test_how_to_check_is_there_for_everyone_with_the_keys(client: Client) -> None:
    text = text_of(Client().get("/how-to-check"))
    assert str(known_keys()[0]) in text
    assert Client().get("/api/v1/heads").status_code == 200
    assert 'href="/api/v1/heads"' in text
    assert hashlib.sha256(verifier_file()).hexdigest() in text


@pytest.mark.django_db
def test_the_verifier_is_a_file(client: Client) -> None:
    answer = Client().get("/verifier.pyz")
    assert answer.content == verifier_file()
    assert answer.headers["Content-Disposition"] == 'attachment; filename="verifier.pyz"'
