"""The models of other apps that the admin site leaves out."""

import django.contrib.auth.admin  # noqa: F401 - registers what is taken out below
import django_otp.plugins.otp_static.admin
import django_otp.plugins.otp_totp.admin  # noqa: F401 - likewise
from django.contrib import admin
from django.contrib.auth.models import Group
from django.contrib.contenttypes.views import shortcut
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

# Migrations make the roles, and a second factor is as good as a password: staff must neither see nor edit them.
admin.site.unregister([Group, TOTPDevice, StaticDevice])


def view_on_site(request: HttpRequest, content_type_id: str, object_id: str) -> HttpResponse:
    """Django's redirect to the page of an object; raises Http404 for text that is no key, where Django forgets to."""
    try:
        return shortcut(request, content_type_id, object_id)
    except ValidationError as error:
        raise Http404 from error
