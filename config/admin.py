"""The admin site: its titles, and the models of other apps that it leaves out."""

import django.contrib.auth.admin  # noqa: F401 - registers what is taken out below
import rest_framework.authtoken.admin  # noqa: F401 - likewise
from django.contrib import admin
from django.contrib.auth.models import Group
from django.utils.translation import gettext_lazy as _
from rest_framework.authtoken.models import TokenProxy

admin.site.site_header = admin.site.site_title = _("Tidemark for staff")
admin.site.index_title = _("How things stand")
admin.site.enable_nav_sidebar = False  # lists need the width, and the bar at the top names them all

# Migrations make the roles, and a token is as good as a password: staff must neither see nor edit them.
admin.site.unregister([Group, TokenProxy])
