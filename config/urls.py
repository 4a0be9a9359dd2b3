"""The addresses of the site. Pages that ask live in `projections`, pages that act in `accounts`."""

from csp.constants import SELF
from csp.decorators import csp_update
from django.contrib import admin
from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularSwaggerSplitView

from accounts.web.views.passwords import forgotten_password
from config.admin import view_on_site
from config.api_schema import SchemaView
from config.health import healthz, livez, readyz
from config.security_txt import security_txt
from eventstore.http.unknown import UnknownAddressView

handler500 = "eventstore.http.trouble.server_error"

READ_ONLY = ["get", "head"]

handler400 = "config.bad_request.bad_request"

# Swagger UI draws its icons from data: addresses. Its script comes from an address of its own, not inline.
api_docs = csp_update({"img-src": [SELF, "data:"]})(
    SpectacularSwaggerSplitView.as_view(template_name="config/api_docs.html", http_method_names=READ_ONLY)
)

# The most frequent addresses come first: Django tries one after the other.
urlpatterns = [
    path("api/v1/", include("projections.api.urls")),
    path("api/v1/", include("accounts.api.urls")),
    path("", include("projections.urls")),
    path("", include("accounts.web.urls")),
    path("api/schema/", SchemaView.as_view(), name="schema"),
    path("api/docs/", api_docs, name="docs"),
    path("admin/analysis/", include("projections.analysis.urls")),
    path("admin/actions/", include("accounts.staff_actions.urls")),
    path("admin/r/<path:content_type_id>/<path:object_id>/", admin.site.admin_view(view_on_site)),
    path("admin/", admin.site.urls),
    path("password-reset", forgotten_password, name="admin_password_reset"),  # the admin looks for this name
    path("i18n/", include("django.conf.urls.i18n")),
    path("livez", livez, name="livez"),
    path("readyz", readyz, name="readyz"),
    path("healthz", healthz, name="healthz"),
    path(".well-known/security.txt", security_txt, name="security_txt"),
    re_path("^api/", UnknownAddressView.as_view()),  # a program gets a JSON error, not a page
]
