"""A customer takes the proof of an entry home, and checks it there; the pages promise what holds, and no more."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.db import connection

from eventstore.integrity.sealer import seal
from projections.models import Entry
from tests.factories import PASSWORD, AccountFactory, CustomerFactory
from tests.journeys.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def entry(transactional_db: None) -> str:
    """The address of an entry of Ada's."""
    ada = CustomerFactory.create(name="Ada", email="ada@example.org", password=PASSWORD)
    AccountFactory.create(owner=ada, label="Everyday", balance=10_000)
    return f"/entries/{Entry.objects.get().entry_id}"


def sealed() -> None:
    """Seal, beside the browser's event loop, in whose thread Django opens no database."""

    def once() -> None:
        try:
            seal()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(once).result()


def signed_in(visitor: Visitor) -> Visitor:
    visitor.go("/sign-in")
    visitor.fill("E-mail", "ada@example.org")
    visitor.fill("Password", PASSWORD)
    visitor.press("Sign in")
    return visitor


def downloaded(visitor: Visitor, link: str, folder: Path) -> Path:
    with visitor.page.expect_download() as download:
        visitor.page.get_by_role("main").get_by_role("link", name=link).click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def test_from_the_entry_to_a_check_of_ones_own(entry: str, visitor: Visitor, tmp_path: Path) -> None:
    signed_in(visitor).go(entry)
    visitor.reads("not sealed yet")
    sealed()
    visitor.go(entry)
    visitor.reads("a signed head covers it")
    proof = downloaded(visitor, "Download the proof", tmp_path)
    visitor.reads(f"python verifier.pyz {proof.name}")
    visitor.follow("How to check a proof")
    program = downloaded(visitor, "the verifier", tmp_path)
    ended = subprocess.run([sys.executable, program, proof], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert ended.returncode == 0, ended.stderr
    assert "amount: 10000" in ended.stdout


def test_without_scripts(entry: str, visitor_without_scripts: Visitor, tmp_path: Path) -> None:
    sealed()
    signed_in(visitor_without_scripts).go(entry)
    assert downloaded(visitor_without_scripts, "Download the proof", tmp_path).stat().st_size > 0
