"""The demo rails: customers deposit and withdraw by themselves, where the setting DEMO_RAILS allows it."""

from django.conf import settings

from eventstore.decider import Refused
from eventstore.decider import phrase as _


def must_have_rails(_command: object = None) -> None:
    """Raises Refused RAILS_OFF where money arrives and leaves by other rails than these."""
    if not settings.DEMO_RAILS:
        raise Refused("RAILS_OFF", _("Deposits and withdrawals can't be made here."))
