"""What a customer's program does to the site: transfers, deposits and withdrawals, each of which can be told again.

The command of a number is always the same, so what was sent before a kill can be sent once more under the same key.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any, Final, NamedTuple
from uuid import NAMESPACE_OID, UUID, uuid5

from accounts.domain.commands import Deposit, Transfer, Withdraw
from eventstore.execute import CommandRequest, Receipt, command_id_of, execute, execute_many

ACCOUNTS: Final = 8
BALANCE: Final = 100_000  # minor units in each account at first


class Holder(NamedTuple):
    """An account and whose it is."""

    account_id: UUID
    customer_id: UUID
    actor: str


@dataclass(frozen=True)
class Bank:
    """The accounts of a site, and a time for all commands; the engine puts the real one in its place."""

    holders: tuple[Holder, ...]
    now: datetime

    @classmethod
    def read(cls, file: Path) -> "Bank":
        """The bank that `write` has written."""
        told = json.loads(file.read_text())
        holders = [Holder(UUID(account), UUID(customer), actor) for account, customer, actor in told["holders"]]
        return cls(tuple(holders), datetime.fromisoformat(told["now"]))

    def write(self, file: Path) -> None:
        """Tell programs which accounts there are."""
        holders = [[str(each.account_id), str(each.customer_id), each.actor] for each in self.holders]
        file.write_text(json.dumps({"holders": holders, "now": self.now.isoformat()}))

    def order(self, sender: int, number: int) -> tuple[Any, str, str]:
        """The command with this number of a sender, its key, and who sends it; some of them are refused."""
        chance, key = Random(f"{sender} {number}"), f"{sender}-{number}"
        mine, other = chance.sample(self.holders, 2)
        entry, amount = uuid5(NAMESPACE_OID, key), chance.randint(1, 2_000)
        command: Any
        match chance.randrange(10):
            case 0 | 1:
                command = Deposit(mine.account_id, mine.customer_id, entry, amount, self.now)
            case 2 | 3:
                command = Withdraw(mine.account_id, mine.customer_id, entry, amount, self.now)
            case 4:
                command = Withdraw(mine.account_id, mine.customer_id, entry, 10**9, self.now)
            case _:
                ids = [uuid5(entry, part) for part in ("transfer", "received")]
                command = Transfer(
                    ids[0], mine.customer_id, mine.account_id, other.account_id, entry, ids[1], amount, self.now
                )
        return command, key, mine.actor

    def request(self, sender: int, number: int) -> CommandRequest:
        """The command with this number of a sender, as it is sent."""
        command, key, actor = self.order(sender, number)
        return CommandRequest(command=command, key=key, actor=actor)

    def command_id(self, sender: int, number: int) -> UUID:
        """The id under which this command is stored."""
        _command, key, actor = self.order(sender, number)
        return command_id_of(actor, key)

    def send(self, sender: int, number: int) -> Receipt:
        """Execute the command with this number of a sender."""
        command, key, actor = self.order(sender, number)
        return execute(command, key, actor=actor)

    def send_many(self, sender: int, numbers: range) -> list[Receipt]:
        """Execute commands of a sender in one transaction."""
        return execute_many([self.request(sender, number) for number in numbers])

    def send_next(self, sender: int, first: int, batch: int) -> list[Receipt]:
        """Execute the next commands from this number on: one, or a batch if the sender has an odd number."""
        return self.send_many(sender, range(first, first + batch)) if sender % 2 else [self.send(sender, first)]


def told(receipt: Receipt) -> str:
    """All that a sender is told by a receipt, as a digest: a retry must tell the same, to the byte."""
    refusal = receipt.refusal and [receipt.refusal.code, receipt.refusal.message, receipt.refusal.field]
    parts = [str(receipt.command_id), receipt.accepted, receipt.answer, refusal, list(receipt.positions)]
    whole = json.dumps([*parts, receipt.recorded_at and receipt.recorded_at.isoformat()], default=str)
    return hashlib.sha256(whole.encode()).hexdigest()
