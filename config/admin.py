"""The admin as a whole: what it is called, and what other apps would put there that staff must not touch."""

import django.contrib.auth.admin  # noqa: F401 - registers what is taken out below
import rest_framework.authtoken.admin  # noqa: F401 - likewise
from django.contrib import admin
from django.contrib.auth.models import Group
from django.utils.translation import gettext_lazy as _
from rest_framework.authtoken.models import TokenProxy

admin.site.site_header = admin.site.site_title = _("Tidemark for staff")
admin.site.index_title = _("How things stand")
admin.site.enable_nav_sidebar = False  # the lists need the width; all of them are in the bar at the top

# Roles are made by migrations, and a token is as good as a password: neither is for looking at or for editing.
admin.site.unregister([Group, TokenProxy])
