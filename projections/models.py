"""The read models, which projectors fill. Amounts are integers of minor units.

Ids rise with time, so "newest first" is the primary key in falling order, which costs no further index.
"""

from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.domain.money import signed
from eventstore.models import AppendOnlyModel
from eventstore.projecting import ReadModel
from projections.fields import CodePointField, WholeNumberField


class Customer(ReadModel):
    """A customer; their personal data is `None` once they are erased."""

    class Status(models.TextChoices):
        """Whether the customer's own commands are accepted."""

        ACTIVE = "active", _("active")
        SUSPENDED = "suspended", _("suspended")
        ERASED = "erased", _("erased")

    customer_id = models.UUIDField(_("customer id"), primary_key=True)
    name = models.CharField(pgettext_lazy("of a person", "name"), max_length=200, null=True)  # noqa: DJ001 - NULL is "erased"
    email = models.CharField(_("e-mail"), max_length=254, null=True)  # noqa: DJ001 - NULL is "erased"
    locale = models.CharField(_("language"), max_length=35, null=True)  # noqa: DJ001 - NULL is "erased"
    timezone = models.CharField(_("time zone"), max_length=64, null=True)  # noqa: DJ001 - NULL is "erased"
    status = models.CharField(_("status"), max_length=16, choices=Status, default=Status.ACTIVE)
    registered_at = models.DateTimeField(_("registered at"))
    version = models.BigIntegerField(_("version"))
    position = models.BigIntegerField(_("position"))

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        indexes = [models.Index(fields=["email"], name="projections_customer_email")]

    def __str__(self) -> str:
        return self.name or str(self.customer_id)


class CustomerPart(ReadModel):
    """The end of a customer's name or e-mail, from one of its characters on: what a search for a part looks up.

    A text holds another if one of its ends begins with it, so a search reads one range of the index, not the table.
    """

    key = models.CharField(_("customer id and place"), max_length=40, primary_key=True)
    customer_id = models.UUIDField(_("customer id"))
    text = CodePointField(_("text"), max_length=254)

    class Meta:
        verbose_name = _("part of a customer's name or e-mail")
        verbose_name_plural = _("parts of customers' names and e-mails")
        indexes = [models.Index(fields=["text", "customer_id"], name="projections_customer_part")]

    def __str__(self) -> str:
        return self.key


class Account(ReadModel):
    """An account with its current balance and restrictions."""

    class Status(models.TextChoices):
        """Whether money may move in the account."""

        OPEN = "open", pgettext_lazy("account", "open")
        FROZEN = "frozen", _("frozen")
        CLOSED = "closed", pgettext_lazy("account", "closed")

    class Scope(models.TextChoices):
        """The movements that a freeze forbids."""

        DEBITS = "debits", _("money may not leave")
        ALL = "all", _("money may not move")

    account_id = models.UUIDField(_("account id"), primary_key=True)
    customer_id = models.UUIDField(_("customer id"))
    label = models.CharField(_("label"), max_length=100)
    currency = models.CharField(_("currency"), max_length=3)
    timezone = models.CharField(_("time zone"), max_length=64)
    balance = models.BigIntegerField(_("balance"), default=0)
    held = models.BigIntegerField(_("held"), default=0)
    overdraft_limit = models.BigIntegerField(_("overdraft limit"), default=0)
    status = models.CharField(_("status"), max_length=16, choices=Status, default=Status.OPEN)
    frozen_scope = models.CharField(_("frozen for"), max_length=8, choices=Scope, null=True)  # noqa: DJ001 - NULL: it is not
    per_entry = models.BigIntegerField(_("limit for each movement out"), null=True)
    daily_out = models.BigIntegerField(_("limit for each day"), null=True)
    opened_at = models.DateTimeField(_("opened at"))
    version = models.BigIntegerField(_("version"))
    position = models.BigIntegerField(_("position"))

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        indexes = [models.Index(fields=["customer_id", "account_id"], name="projections_account_owner")]

    def __str__(self) -> str:
        return self.label or f"{self.currency} {self.account_id}"

    @property
    def available(self) -> int:
        """The amount that may leave the account now, in minor units."""
        return self.balance - self.held + self.overdraft_limit

    @property
    def takes_credits(self) -> bool:
        """Whether money may arrive in the account."""
        return self.status == self.Status.OPEN or self.frozen_scope == self.Scope.DEBITS

    @property
    def takes_debits(self) -> bool:
        """Whether money may leave the account."""
        return self.status == self.Status.OPEN


class Entry(ReadModel):
    """One movement of money in an account's history."""

    class Kind(models.TextChoices):
        """The reason for the movement."""

        DEPOSIT = "deposit", _("deposit")
        WITHDRAWAL = "withdrawal", _("withdrawal")
        TRANSFER = "transfer", _("transfer")
        CAPTURE = "capture", _("captured hold")
        REVERSAL = "reversal", _("reversal")
        ADJUSTMENT = "adjustment", _("adjustment")

    class Direction(models.TextChoices):
        """Whether money came into the account or left it."""

        CREDIT = "credit", _("credit")
        DEBIT = "debit", _("debit")

    entry_id = models.UUIDField(_("entry id"), primary_key=True)
    account_id = models.UUIDField(_("account id"))
    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    direction = models.CharField(_("direction"), max_length=8, choices=Direction)
    amount = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    balance = models.BigIntegerField(_("balance after it"))
    reference = models.CharField(_("reference"), max_length=500)  # or the reason why staff did it
    counterparty = models.UUIDField(_("other account"), null=True)
    transfer_id = models.UUIDField(_("transfer id"), null=True)
    reverses = models.UUIDField(_("reversed entry"), null=True)
    recorded_at = models.DateTimeField(_("recorded at"))
    effective_at = models.DateTimeField(_("effective at"))  # never after it was recorded
    position = models.BigIntegerField(_("position"))

    reversed_by: UUID | None = None  # the entry that reverses this one: no column, as entries never change

    class Meta:
        verbose_name = _("entry")
        verbose_name_plural = _("entries")
        indexes = [
            models.Index(fields=["account_id", "-position"], name="projections_entry_history"),
            models.Index(
                fields=["transfer_id"],
                condition=models.Q(transfer_id__isnull=False),
                name="projections_entry_transfer",
            ),
            models.Index(
                fields=["reverses"], condition=models.Q(reverses__isnull=False), name="projections_entry_reverses"
            ),
            models.Index(fields=["account_id", "recorded_at", "position"], name="projections_entry_recorded"),
            models.Index(
                fields=["account_id", "effective_at"],
                condition=models.Q(effective_at__lt=models.F("recorded_at")),
                name="projections_entry_backdated",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.entry_id}"

    @property
    def signed_amount(self) -> int:
        """The amount, negative where money left the account."""
        return signed(self.amount, self.direction)


class Hold(ReadModel):
    """Money that is set aside in an account, or was."""

    class Status(models.TextChoices):
        """The state of the hold; all but `open` are final."""

        OPEN = "open", pgettext_lazy("hold", "open")
        CAPTURED = "captured", _("captured")
        RELEASED = "released", _("released")
        EXPIRED = "expired", _("expired")

    hold_id = models.UUIDField(_("hold id"), primary_key=True)
    account_id = models.UUIDField(_("account id"))
    amount = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    reference = models.CharField(_("reference"), max_length=140)
    status = models.CharField(_("status"), max_length=16, choices=Status, default=Status.OPEN)
    placed_at = models.DateTimeField(_("placed at"))
    expires_at = models.DateTimeField(_("expires at"))
    ended_at = models.DateTimeField(_("ended at"), null=True)
    captured = models.BigIntegerField(_("captured amount"), default=0)
    entry_id = models.UUIDField(_("entry of the capture"), null=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    position = models.BigIntegerField(_("position"))

    class Meta:
        verbose_name = _("hold")
        verbose_name_plural = _("holds")
        indexes = [
            models.Index(fields=["account_id", "hold_id"], name="projections_hold_account"),
            models.Index(
                fields=["account_id", "-hold_id"], condition=models.Q(status="open"), name="projections_hold_open"
            ),
            models.Index(fields=["expires_at"], condition=models.Q(status="open"), name="projections_hold_overdue"),
        ]

    def __str__(self) -> str:
        return f"{self.status} {self.hold_id}"


class Approval(ReadModel):
    """A request for a command that takes two people: one member of staff requests it, another one decides."""

    class Status(models.TextChoices):
        """The state of the request; all but `open` are final."""

        OPEN = "open", pgettext_lazy("approval", "open")
        GRANTED = "granted", _("granted")
        REFUSED = "refused", pgettext_lazy("approval", "refused")
        WITHDRAWN = "withdrawn", _("withdrawn")

    approval_id = models.UUIDField(_("approval id"), primary_key=True)
    command = models.CharField(_("command"), max_length=64)
    payload = models.JSONField(_("payload"))
    account_id = models.UUIDField(_("account id"))
    reason = models.CharField(_("reason"), max_length=500)
    status = models.CharField(_("status"), max_length=16, choices=Status, default=Status.OPEN)
    requested_by = models.CharField(_("requested by"), max_length=255)
    requested_at = models.DateTimeField(_("requested at"))
    decided_by = models.CharField(_("decided by"), max_length=255, blank=True)
    decided_at = models.DateTimeField(_("decided at"), null=True)
    decision_reason = models.CharField(_("reason of the decision"), max_length=500, blank=True)
    position = models.BigIntegerField(_("position"))

    class Meta:
        verbose_name = _("approval")
        verbose_name_plural = _("approvals")
        indexes = [
            models.Index(fields=["status", "approval_id"], name="projections_approval_queue"),
            models.Index(fields=["account_id", "approval_id"], name="projections_approval_account"),
        ]

    def __str__(self) -> str:
        return f"{self.command} {self.approval_id}"


class JournalLeg(ReadModel):
    """One side of a movement of money, in double entry: the legs of a movement sum to zero, and so do a currency's."""

    leg = models.BigIntegerField(_("leg"), primary_key=True)  # twice its event's position, and one for the second
    account = models.CharField(_("account"), max_length=40)  # an account's id, or "cash:EUR" for the world
    currency = models.CharField(_("currency"), max_length=3)
    amount = models.BigIntegerField(_("amount"))  # positive where money arrives
    movement = models.UUIDField(_("entry or transfer"))
    recorded_at = models.DateTimeField(_("recorded at"))
    effective_at = models.DateTimeField(_("effective at"))
    position = models.BigIntegerField(_("position"))

    class Meta:
        verbose_name = _("journal leg")
        verbose_name_plural = _("journal legs")
        indexes = [models.Index(fields=["currency", "account", "amount"], name="projections_leg_balance")]

    def __str__(self) -> str:
        return f"{self.leg} {self.account}"


class DailyBalance(ReadModel):
    """An account's totals of one day on which money moved, in the account's time zone."""

    key = models.CharField(_("account and day"), max_length=47, primary_key=True)  # "0190a6f2-…/2026-01-30"
    account_id = models.UUIDField(_("account id"))
    day = models.DateField(_("day"))
    currency = models.CharField(_("currency"), max_length=3)
    balance = models.BigIntegerField(_("balance at its end"))
    credits = WholeNumberField(_("came in"), default=0)
    debits = WholeNumberField(_("left"), default=0)
    position = models.BigIntegerField(_("position"))

    class Meta:
        verbose_name = _("daily balance")
        verbose_name_plural = _("daily balances")
        indexes = [models.Index(fields=["account_id", "day"], name="projections_daily_account")]

    def __str__(self) -> str:
        return self.key


class Volume(ReadModel):
    """The number and sum of one type of event, in one currency, on one day (UTC)."""

    key = models.CharField(_("day, currency and type"), max_length=80, primary_key=True)  # "2026-01-30/EUR/account.…"
    day = models.DateField(_("day"))
    currency = models.CharField(_("currency"), max_length=3)
    type = models.CharField(_("type"), max_length=64)
    number = models.BigIntegerField(_("number"), default=0)
    amount = WholeNumberField(_("amount"), default=0)
    position = models.BigIntegerField(_("position"))

    class Meta:
        verbose_name = _("volume")
        verbose_name_plural = _("volumes")
        indexes = [models.Index(fields=["day"], name="projections_volume_day")]

    def __str__(self) -> str:
        return self.key


class AuditLine(ReadModel):
    """A command with its actor and outcome, for the audit trail."""

    number = models.BigIntegerField(_("number"), primary_key=True)
    command_id = models.UUIDField(_("command id"))
    command = models.CharField(_("command"), max_length=128)
    actor = models.CharField(_("actor"), max_length=255)
    category = models.CharField(_("category"), max_length=64)
    stream_id = models.UUIDField(_("about"))
    accepted = models.BooleanField(_("accepted"))
    code = models.CharField(_("refused with"), max_length=64, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    position = models.BigIntegerField(_("position"), null=True)  # of the last event that it caused, if it caused any
    recorded_at = models.DateTimeField(_("recorded at"))

    class Meta:
        verbose_name = _("audit line")
        verbose_name_plural = _("audit lines")
        indexes = [
            models.Index(fields=["actor", "-number"], name="projections_audit_actor"),
            models.Index(fields=["stream_id", "-number"], name="projections_audit_stream"),
            models.Index(
                fields=["code", "-number"], condition=models.Q(accepted=False), name="projections_audit_refused"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.command}"


class Statement(AppendOnlyModel):
    """An account's month as it was issued, for ever. It is no projection, so it is never rebuilt."""

    account_id = models.UUIDField(_("account id"))
    number = models.IntegerField(_("number"))  # the account's months, counted from the one of its opening
    period = models.CharField(_("period"), max_length=7)  # "2026-03", in the account's time zone
    begins_at = models.DateTimeField(_("begins at"))
    ends_at = models.DateTimeField(_("ends at"))  # where the next one begins
    timezone = models.CharField(_("time zone"), max_length=64)
    offsets = models.JSONField(_("offsets of the time zone"))  # as they were then, see `statements.local_time`
    currency = models.CharField(_("currency"), max_length=3)
    opening = models.BigIntegerField(_("opening balance"))
    closing = models.BigIntegerField(_("closing balance"))
    credits = WholeNumberField(_("came in"))
    debits = WholeNumberField(_("left"))
    entries = models.IntegerField(_("entries"))
    first_position = models.BigIntegerField(_("position of the first entry"), null=True)
    last_position = models.BigIntegerField(_("position of the last entry"), null=True)
    digest = models.BinaryField(_("SHA-256"), max_length=32)
    issued_at = models.DateTimeField(_("issued at"))

    class Meta:
        verbose_name = _("statement")
        verbose_name_plural = _("statements")
        constraints = [
            models.UniqueConstraint(fields=["account_id", "number"], name="projections_statement_number"),
            models.UniqueConstraint(fields=["account_id", "period"], name="projections_statement_period"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.period}"
