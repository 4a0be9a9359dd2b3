"""The addresses of the site. Pages that ask live in `projections`, pages that act in `accounts`."""

from csp.constants import SELF
from csp.decorators import csp_update
from django.contrib import admin
from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from config.health import healthz, livez, readyz
from eventstore.http.unknown import UnknownAddressView

READ_ONLY = ["get", "head"]

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
    path("api/schema/", SpectacularAPIView.as_view(http_method_names=READ_ONLY), name="schema"),
    path("api/docs/", api_docs, name="docs"),
    path("admin/deeds/", include("accounts.staff_actions.urls")),
    path("admin/", admin.site.urls),
    path("i18n/", include("django.conf.urls.i18n")),
    path("livez", livez, name="livez"),
    path("readyz", readyz, name="readyz"),
    path("healthz", healthz, name="healthz"),
    re_path("^api/", UnknownAddressView.as_view()),  # a program gets a JSON error, not a page
]
