"""The admin site: a part of the site for staff alone."""

from typing import Any, cast

from django.contrib.admin import AdminSite
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, resolve_url
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from accounts.users.factors import lacks_second_factor
from accounts.web.forms.sign_in import StaffSignInForm, with_status
from accounts.web.views.passwords import ChangePassword
from accounts.web.views.second_step import second_step

gettext_noop("Forgotten your login credentials?")  # on Django's page, which has no Chinese for it


class StaffSignIn(LoginView):
    """The sign-in page of staff, with its second step."""

    template_name = "admin/login.html"
    authentication_form = StaffSignInForm

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Signs in, or asks for the second factor first."""
        return second_step(self.request, form.get_user(), self.get_success_url())

    def get_default_redirect_url(self) -> str:
        """The front page of the admin."""
        return resolve_url("admin:index")


class StaffSite(AdminSite):
    """Tells customers that this part is not for them, where others are asked to sign in."""

    site_header = site_title = _("Tidemark for staff")
    index_title = _("How things stand")
    enable_nav_sidebar = False  # lists need the width, and the bar at the top names them all

    def has_permission(self, request: HttpRequest) -> bool:
        """Whether this is a member of staff, with a second factor where the site asks for one."""
        return super().has_permission(request) and not lacks_second_factor(request.user)

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Django's page, by the rules that customers change theirs by."""
        request.current_app = self.name  # by which templates make addresses
        view = ChangePassword.as_view(
            template_name="admin/password_change.html",
            success_url=reverse("admin:index"),
            extra_context={**self.each_context(request), **(extra_context or {})},
        )
        return view(request)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The sign-in page of staff; a customer who is signed in gets 403, with the way back and out.

        Members of staff who lack a second factor are led to the page on which they set one up.
        """
        if request.user.is_authenticated and not request.user.is_staff:
            return TemplateResponse(request, "admin/for_staff.html", status=403)
        if lacks_second_factor(request.user):
            return redirect("accounts:factors")
        if request.method == "GET" and self.has_permission(request):
            return redirect("admin:index")
        return with_status(cast(HttpResponse, self._sign_in_page(request, extra_context)))

    def _sign_in_page(self, request: HttpRequest, extra_context: dict[str, Any] | None) -> HttpResponseBase:
        """Django's own page and its context, with our second step."""
        context = {
            **self.each_context(request),
            "title": _("Log in"),
            "subtitle": None,
            "app_path": request.get_full_path(),
            "username": request.user.get_username(),
            **(extra_context or {}),
        }
        request.current_app = self.name
        return StaffSignIn.as_view(extra_context=context)(request)
