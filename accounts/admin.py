"""The admin of users, read-only: `manage.py create_staff` creates staff and sets roles, and customers register."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.users.emails import has_mailbox, normalise_email
from accounts.users.models import User
from eventstore.admin import Filter, Link, ReadOnlyAdmin, as_uuid, show


class StaffFilter(Filter):
    """Filters users by kind: staff or customers."""

    title, parameter_name, parameters = _("kind"), "kind", ("kind",)

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("staff", _("staff")), ("customers", _("customers"))]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        return queryset.filter(is_staff=self.value() == "staff") if self.value() else queryset


@admin.register(User)
class UserAdmin(ReadOnlyAdmin):
    """The users, the newest first. A password is changed by its owner alone, so that nobody acts for another."""

    list_display = ("mailbox", "proven", "called", "kind", "roles", "active", "signed_in", "joined")
    list_filter = (StaffFilter,)
    search_fields = ("email",)
    search_help_text = _("A whole e-mail address, or a customer's id.")
    detail_fields = (
        "mailbox",
        "proven",
        "wanted",
        "called",
        "kind",
        "roles",
        "active",
        "customer_id",
        "signed_in",
        "joined",
    )

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        return super().get_queryset(request).defer("password").prefetch_related("groups")

    def search(self, queryset: "QuerySet[Any]", term: str) -> "QuerySet[Any]":
        if customer_id := as_uuid(term):
            return queryset.filter(customer_id=customer_id)
        email = normalise_email(term)
        return queryset.filter(Q(email=email) | Q(released_email=email)) if email else queryset.none()

    @admin.display(description=_("e-mail"))
    def mailbox(self, user: User) -> str:
        """The address; what stands for one that was erased or given back tells nobody anything."""
        return user.email if has_mailbox(user.email) else gettext("no address")

    @admin.display(description=_("address"))
    def proven(self, user: User) -> str:
        """Whether the user has proven to own the address; or which one was given back to its owner."""
        if user.released_email:
            return gettext("given back to its owner: %(email)s") % {"email": user.released_email}
        if user.email_confirmed_at:
            return gettext("confirmed")
        return gettext("not confirmed") if user.is_active else show.NOTHING

    @admin.display(description=_("asks for the address"))
    def wanted(self, user: User) -> str:
        return user.new_email or show.NOTHING

    @admin.display(description=pgettext_lazy("of a person", "name"))
    def called(self, user: User) -> str:
        """The name of a customer; members of staff go by their e-mail."""
        return (None if user.is_staff else self.actor_name_of(user)) or show.NOTHING

    @admin.display(description=_("kind"))
    def kind(self, user: User) -> str:
        return gettext("staff") if user.is_staff else gettext("customer")

    @admin.display(description=_("role"))
    def roles(self, user: User) -> str:
        if user.is_superuser:
            return gettext("superuser")
        return ", ".join(group.name for group in user.groups.all()) or show.NOTHING

    @admin.display(description=_("may sign in"))
    def active(self, user: User) -> str:
        return show.value(user.is_active)

    @admin.display(description=_("signed in last"))
    def signed_in(self, user: User) -> str:
        return show.moment(user.last_login)

    @admin.display(description=_("joined at"))
    def joined(self, user: User) -> str:
        return show.moment(user.joined_at)

    def title_of(self, obj: User) -> str:
        return obj.email

    def links(self, obj: User) -> list[Link]:
        return [Link(gettext("What they asked for"), show.list_of("command", {"q": obj.actor}))]
