"""The admin of users, read-only: `manage.py create_staff` creates staff and sets roles, and customers register."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.users.emails import normalise_email
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

    list_display = ("email", "kind", "roles", "active", "signed_in", "joined")
    list_filter = (StaffFilter,)
    search_fields = ("email",)
    search_help_text = _("A whole e-mail address, or a customer's id.")
    detail_fields = ("email", "kind", "roles", "active", "customer_id", "signed_in", "joined")

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        return super().get_queryset(request).defer("password").prefetch_related("groups")

    def search(self, queryset: "QuerySet[Any]", term: str) -> "QuerySet[Any]":
        if customer_id := as_uuid(term):
            return queryset.filter(customer_id=customer_id)
        return queryset.filter(email=normalise_email(term))

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
