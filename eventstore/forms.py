"""Forms that become commands: each carries the id of its command from the moment it was rendered.

form = LendForm(request.POST or None)
if form.is_valid():
    receipt = attempt(form, lambda: execute(form.to_command(), form.key, actor=…, fingerprint=form.fingerprint()))
    if receipt:
        return redirect(…)
return render(request, "lending/lend.html", {"form": form})
"""

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, TypeVar
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.db import Error
from django.utils.translation import gettext as _
from uuid_utils.compat import uuid7

from eventstore.backends.faults import Fault, fault_of
from eventstore.decider import Refusal, Refused
from eventstore.errors import EventStoreError
from eventstore.execute import Receipt
from eventstore.execution.refusals import sentence
from eventstore.messages import canonical
from eventstore.messages.arguments import key_text

__all__ = ["CommandForm", "RuleField", "apply_rule", "attempt", "sentence"]

Given = TypeVar("Given")
Made = TypeVar("Made")

# The error for which a form has to be sent again; within a request, eventstore.http.trouble then answers 503.
postponed: ContextVar[Exception | None] = ContextVar("postponed", default=None)


def new_command_id() -> UUID:
    """A fresh command id; it rises with time, so that commands of one moment lie side by side in the index."""
    return uuid7()


def apply_rule(rule: Callable[[Given], Made], given: Given) -> Made:
    """The value that a rule of the domain makes of an input; its Refused becomes the field's ValidationError."""
    try:
        return rule(given)
    except Refused as refused:
        raise ValidationError(sentence(refused.refusal), code=refused.refusal.code) from refused


class RuleField(forms.CharField):
    """A text that has to pass a rule of the domain."""

    def __init__(self, rule: Callable[[str], Any], **options: Any) -> None:
        super().__init__(**options)
        self.rule = rule

    def clean(self, value: Any) -> Any:
        """The text as the rule would have it stored."""
        return apply_rule(self.rule, super().clean(value))


class CommandForm(forms.Form):
    """A form that is sent as one command, however often it is sent."""

    command_id = forms.UUIDField(widget=forms.HiddenInput, initial=new_command_id)

    @property
    def key(self) -> str:
        """The idempotency key of the command; of a valid form."""
        return key_text(self.cleaned_data["command_id"])

    def fingerprint(self, *about: object) -> str:
        """The fingerprint of the request: the form's fields, and `about`, the things that it is about.

        Only the person's input counts. Ids and times that the server adds differ from one attempt to the next. A class
        that was renamed keeps its former name as `fingerprint_name`, else forms sent before would count as others.
        """
        own_name = vars(type(self)).get("fingerprint_name", type(self).__name__)
        fields = {name: str(value) for name, value in self.cleaned_data.items()}
        return canonical([own_name, [str(thing) for thing in about], fields]).decode()

    def clean(self) -> dict[str, Any] | None:
        """Give the form a new id where the one that came with it is unreadable."""
        if "command_id" in self.errors:
            del self.errors["command_id"]
            self.add_error(None, _("This form was out of date. It is renewed now: please send it again."))
            self._renew()
        return super().clean()

    def refuse(self, refusal: Refusal) -> None:
        """Show a refusal at its field, keep the input, and give the form a new command id.

        The old id is spent: its stored answer is this "no" for ever, and sending it again would only repeat the "no",
        even once the rule would say yes. A mere typing error spends no id, because no command was executed.
        """
        self.add_error(refusal.field if refusal.field in self.fields else None, _message(refusal))
        self._renew()

    def _renew(self) -> None:
        self.data = dict(self.data.items()) | {"command_id": str(new_command_id())}


def attempt(form: CommandForm, ask: Callable[[], Receipt]) -> Receipt | None:
    """The receipt of an accepted command; `None`, and an error in the form, after a refusal or a busy database.

    `ask` executes the form's command. The refusal may be in its receipt, or be raised before the command is executed.
    After a fault of the machine the form keeps its id, and can safely be sent again.
    """
    try:
        receipt = ask()
    except Refused as refused:
        form.refuse(refused.refusal)
        return None
    except (Error, EventStoreError) as error:
        fault = fault_of(error)
        if fault is None:
            raise
        postponed.set(error)
        form.add_error(None, _later(fault))
        return None
    if receipt.refusal:
        form.refuse(receipt.refusal)
        return None
    return receipt


def _later(fault: Fault) -> str:
    if fault == Fault.AWAY:  # perhaps in the very moment of the commit; the id makes sure of the rest
        return _("We lost the connection. Please send this once more: if it was done already, it is not done twice.")
    if fault == Fault.NO_LIST:
        return _("The list of erasures can't be written now. Nobody was erased: please send this once more.")
    if fault == Fault.RESTORING:
        return _("The site is being restored. Nothing was done: please send this once more later.")
    return _("We are too busy just now. Nothing was done: please send this once more.")


def _message(refusal: Refusal) -> str:
    """The sentence of a refusal, in the words of a page: its readers have never heard of keys."""
    if refusal.code == "IDEMPOTENCY_KEY_REUSED":
        return _("You sent this form before, with other details. If you mean both, send it once more.")
    return sentence(refusal)
