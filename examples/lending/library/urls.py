"""The addresses of the library."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/", include("lending.api_urls")),
    path("", include("lending.urls")),
]
