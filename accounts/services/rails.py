"""The demo rails: customers deposit and withdraw by themselves, where the setting DEMO_RAILS allows it."""

from uuid import UUID

from django.conf import settings

from accounts.domain.commands import Deposit, Withdraw
from eventstore.decider import Refused
from eventstore.decider import phrase as _
from eventstore.execute import Receipt, execute


def must_have_rails() -> None:
    """Raise Refused RAILS_OFF where money comes and goes by other ways than these demo rails."""
    if not settings.DEMO_RAILS:
        raise Refused("RAILS_OFF", _("Deposits and withdrawals can't be made here."))


def move_money(
    command: Deposit | Withdraw,
    key: str | UUID,
    *,
    actor: str,
    fingerprint: str | None = None,
    dry_run: bool = False,
) -> Receipt:
    """Deposit or withdraw, with the effective date that the command names.

    Raises Refused RAILS_OFF.
    """
    must_have_rails()
    return execute(
        command,
        key,
        actor=actor,
        fingerprint=fingerprint,
        effective_at=command.effective_at,
        dry_run=dry_run,
    )
