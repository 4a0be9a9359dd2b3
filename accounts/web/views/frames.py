"""Pages that customers and members of staff share, each within the frame that they know."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.users.models import User


def render_framed(request: HttpRequest, user: User, template: str, **context: Any) -> HttpResponse:
    """A page in the frame of customers, or in that of the admin; `user` may have yet to sign in altogether."""
    if user.is_staff:
        frame, around = "accounts/security/staff_frame.html", admin.site.each_context(request)
        if not around["has_permission"]:  # as long as the second factor is lacking, no list opens
            around["available_apps"] = []
    else:
        frame, around = "accounts/security/customer_frame.html", {}
    return render(request, template, {**around, "frame": frame, **context})
