"""The views that retry a parked stream and skip its event: each takes a POST and a permission."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext

from eventstore.admin.parked_operations import SkipForm, actor_of, is_declared, may_handle, retry
from eventstore.admin.readonly import ReadOnlyAdmin, as_number
from eventstore.errors import EventStoreError
from eventstore.models import Parked
from eventstore.projecting.parking import parking

LARGEST_KEY = 2**63 - 1


class ParkedActionsAdmin(ReadOnlyAdmin):
    """Adds the two actions to a read-only admin; the engine executes and records them."""

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Parked | None:
        number = as_number(object_id)
        return None if number is None else Parked.objects.filter(pk=number).first()

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own = [
            path("retry/", view(self.retry_view), name="eventstore_parked_retry"),
            path("<path:object_id>/skip/", view(self.skip_view), name="eventstore_parked_skip"),
        ]
        return [*own, *super().get_urls()]

    def retry_view(self, request: HttpRequest) -> HttpResponse:
        """Retry the selected streams, or all that the list showed."""
        _must_handle(request)
        if request.method == "POST":
            self._retry(request)
        return redirect("admin:eventstore_parked_changelist")

    def _retry(self, request: HttpRequest) -> None:
        parked = _selected(request).order_by("projection_id", "position")
        if not parked:
            messages.warning(request, gettext("Nothing was chosen, so nothing was tried."))
        try:
            retry(parked).add_messages(request)
        except EventStoreError as error:
            messages.error(request, str(error))

    def skip_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Skip one event; without a reason the page is shown again with an error."""
        _must_handle(request)
        parked = self.get_object(request, object_id)
        if parked is None or not is_declared(parked):
            messages.warning(request, gettext("It is not parked any more, so nothing was skipped."))
            return redirect("admin:eventstore_parked_changelist")
        if request.method != "POST":
            return self.page(request, parked)
        form = SkipForm(request.POST)
        return _skip(request, parked, form) if form.is_valid() else self.page(request, parked, form=form)


def _must_handle(request: HttpRequest) -> None:
    if not may_handle(request.user):
        raise PermissionDenied


def _selected(request: HttpRequest) -> "QuerySet[Parked]":
    if request.POST.get("which") == "all":
        projection = request.POST.get("projection")
        return Parked.objects.filter(projection_id=projection) if projection else Parked.objects.all()
    keys = [as_number(key) for key in request.POST.getlist("parked")]
    return Parked.objects.filter(pk__in=[key for key in keys if key is not None and key <= LARGEST_KEY])


def _skip(request: HttpRequest, parked: Parked, form: SkipForm) -> HttpResponse:
    parked.position = form.cleaned_data["position"]  # what was looked at, which may not be what is parked now
    try:
        parking.skip(parked, actor=actor_of(request.user), reason=form.cleaned_data["reason"])
    except EventStoreError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, gettext("Event %(position)s is skipped.") % {"position": parked.position})
    if not Parked.objects.filter(pk=parked.pk).exists():
        return redirect("admin:eventstore_parked_changelist")
    return redirect("admin:eventstore_parked_change", parked.pk)
