"""The URLs of staff actions, within the admin."""

from django.contrib import admin
from django.urls import path

from accounts.staff_actions.views import perform

app_name = "staff_actions"

urlpatterns = [path("<slug:name>/<uuid:object_id>/", admin.site.admin_view(perform), name="perform")]
