"""The addresses of analysis, within the admin."""

from django.contrib import admin
from django.urls import path

from projections.analysis import views

app_name = "analysis"

urlpatterns = [
    path("", admin.site.admin_view(views.first), name="first"),
    path("<slug:question>.csv", admin.site.admin_view(views.file), name="file"),
    path("<slug:question>/", admin.site.admin_view(views.page), name="page"),
]
