"""Renaming an account."""

from accounts.domain.commands import RenameAccount
from accounts.domain.events import AccountRenamed
from eventstore.testing import given
from tests.accounts.examples import ADA, ADAS, ADAS_CLOSED, ADAS_OPENED, BOB, opened

RENAME = RenameAccount(ADAS, ADA, "Holidays")


def test_gives_an_account_another_label() -> None:
    given(ADAS_OPENED).when(RENAME).then(AccountRenamed(ADAS, "Holidays")).answers(
        account_id=str(ADAS), label="Holidays"
    )


def test_the_same_label_again_changes_nothing() -> None:
    given(opened(ADAS, ADA, label="Holidays")).when(RENAME).then()


def test_somebody_elses_account_is_not_found() -> None:
    given(ADAS_OPENED).when(RenameAccount(ADAS, BOB, "Mine")).refused("ACCOUNT_NOT_FOUND", field="account_id")


def test_a_closed_account_keeps_its_label() -> None:
    given(ADAS_OPENED, ADAS_CLOSED).when(RENAME).refused("ACCOUNT_CLOSED")
