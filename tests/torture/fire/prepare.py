"""Makes customers with accounts, and tells which there are: `python -m tests.torture.fire.prepare FOLDER`."""

import sys
from pathlib import Path

import django

django.setup()

from django.utils import timezone  # noqa: E402 - needs the apps

from tests.factories import AccountFactory  # noqa: E402 - likewise
from tests.tokens import token_of  # noqa: E402 - likewise
from tests.torture.fire.bank import ACCOUNTS, BALANCE, Bank, Holder  # noqa: E402 - likewise


def main(folder: Path) -> None:
    from tests.factories import owner_of

    accounts = [AccountFactory.create(balance=BALANCE) for _ in range(ACCOUNTS)]
    owners = [owner_of(account.account_id) for account in accounts]
    pairs = zip(accounts, owners, strict=True)
    holders = [Holder(account.account_id, account.customer_id, owner.actor) for account, owner in pairs]
    Bank(tuple(holders), timezone.now()).write(folder / "bank.json")
    (folder / "tokens").write_text("\n".join(token_of(owner) for owner in owners))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
