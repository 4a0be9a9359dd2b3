"""The rules of a transfer: money leaves one account and arrives in another, or nothing happens."""

from collections.abc import Iterator
from typing import Any

from accounts.account import Account, entry_answer
from accounts.commands import Transfer
from accounts.events import TransferReceived, TransferSent
from eventstore.decider import Refused, decides
from eventstore.decider import phrase as _


def decide(source: Account, target: Account, command: Transfer) -> Iterator[TransferSent | TransferReceived]:
    """Yield both legs of a transfer, or refuse it whole."""
    source.must_belong_to(command.customer_id, "from_account")
    target.must_exist("to_account")
    _must_fit_together(source, target)
    sent, received = source.debited(command.amount), target.credited(command.amount)
    yield TransferSent(
        account_id=command.from_account,
        entry_id=command.sent_entry_id,
        transfer_id=command.transfer_id,
        to_account=command.to_account,
        amount=command.amount,
        currency=source.currency,
        balance=sent,
        reference=command.reference,
    )
    yield TransferReceived(
        account_id=command.to_account,
        entry_id=command.received_entry_id,
        transfer_id=command.transfer_id,
        from_account=command.from_account,
        amount=command.amount,
        currency=target.currency,
        balance=received,
        reference=command.reference,
    )


def _must_fit_together(source: Account, target: Account) -> None:
    if source.account_id == target.account_id:
        raise Refused("SAME_ACCOUNT", _("Choose two different accounts."), field="to_account")
    if source.currency != target.currency:
        raise Refused(
            "CURRENCY_MISMATCH",
            _("Money in %(source)s can't be sent to an account in %(target)s."),
            field="to_account",
            source=source.currency,
            target=target.currency,
        )


def answer(source: Account, _target: Account, command: Transfer) -> dict[str, Any]:
    """What the sender is told: their own side only."""
    return {"transfer_id": str(command.transfer_id), **entry_answer(source, command.sent_entry_id)}


decides(Transfer, decide=decide, answer=answer)
