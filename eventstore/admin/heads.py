"""The heads of the trees in the admin, as they were signed."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from eventstore.admin import show
from eventstore.admin.readonly import ReadOnlyAdmin, as_number
from eventstore.admin.show import Fact, Section
from eventstore.models import TreeHead
from eventstore.verifier import notes


@admin.register(TreeHead)
class TreeHeadAdmin(ReadOnlyAdmin):
    """All heads, the newest first."""

    list_display = ("signed", "tree", "size", "last", "epoch", "signers")
    detail_fields = ("tree", "epoch", "size", "last", "signed", "signers", "root")

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> TreeHead | None:
        number = as_number(object_id)
        return None if number is None else TreeHead.objects.filter(pk=number).first()

    @admin.display(description=_("signed at"))
    def signed(self, head: TreeHead) -> str:
        return show.moment(head.signed_at)

    @admin.display(description=_("last leaf"))
    def last(self, head: TreeHead) -> SafeString:
        """The position, or number, of the last leaf, as a link to its row."""
        model = "event" if head.tree == TreeHead.Tree.EVENTS else "command"
        return show.identifier(head.position, show.link_to(model, head.position))

    @admin.display(description=_("signed by"))
    def signers(self, head: TreeHead) -> SafeString:
        """The names in the signatures; nothing is verified here."""
        names = [(signature.name, signature.key_id.hex()) for signature in notes.split(head.note)[1]]
        return format_html_join("", '<div>{} <span class="id">{}</span></div>', names)

    def title_of(self, obj: TreeHead) -> str:
        return gettext("Tree head: %(tree)s, %(size)d") % {"tree": obj.get_tree_display(), "size": obj.size}

    def details(self, request: HttpRequest, obj: TreeHead) -> dict[str, Any]:
        note = format_html('<pre class="structure">{}</pre>', obj.note)
        token = bytes(obj.timestamp or b"").hex() or None
        facts = [Fact(gettext("Note"), note), Fact(gettext("Time stamp"), show.value(token))]
        return {
            "links": self.links(obj),
            "sections": [
                Section("", self.facts(obj, *self.detail_fields)),
                Section(gettext("What was signed"), facts),
            ],
        }
