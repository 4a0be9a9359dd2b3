"""Readers of the pages of staff actions: who may see names sees them; all others see ids."""

from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.domain.account import Account
from accounts.domain.rules import ACCOUNTS
from accounts.services.details import details_of
from accounts.staff_actions.subjects import admin_url
from accounts.users.models import User
from accounts.users.staff_names import staff_emails
from eventstore.admin import may_see_personal_data, show


@dataclass(frozen=True)
class Reader:
    """A member of staff who reads a page."""

    user: User

    @cached_property
    def may_see_names(self) -> bool:
        """Whether the reader may see the personal data of customers."""
        return may_see_personal_data(self.user)

    def name_of(self, customer_id: UUID) -> str | None:
        """The present name of a customer; `None` if the reader may not see it, or if nobody can any more."""
        return details_of(customer_id).get("name") if self.may_see_names else None

    def customer(self, customer_id: UUID) -> SafeString:
        """A customer by name and id, as a link."""
        link = show.identifier(customer_id, admin_url("customer", customer_id))
        name = self.name_of(customer_id)
        return link if name is None else format_html("<strong>{}</strong> {}", name, link)

    def state_of(self, account_id: UUID) -> Account:
        """The state of an account as the next decision would see it."""
        return ACCOUNTS.current(account_id)

    def account(self, account_id: UUID, state: Account | None = None) -> SafeString:
        """An account by label and id, as a link."""
        state = self.state_of(account_id) if state is None else state
        link = show.identifier(account_id, admin_url("account", account_id))
        return format_html("<strong>{}</strong> {}", account_label(state), link)

    def actor(self, actor: str) -> SafeString | str:
        """A member of staff by e-mail, with the name that the log has for them."""
        email = staff_emails([actor]).get(actor)
        return (
            actor if email is None else format_html('<strong>{}</strong> <span class="quiet">{}</span>', email, actor)
        )


def account_label(account: Account) -> str:
    """The owner's label of an account, or a name by its currency."""
    return account.label or _("%(currency)s account") % {"currency": account.currency}
