"""The addresses of deeds, within the admin."""

from django.contrib import admin
from django.urls import path

from accounts.deeds.views import do

app_name = "deeds"

urlpatterns = [path("<slug:name>/<uuid:object_id>/", admin.site.admin_view(do), name="do")]
