"""`/.well-known/security.txt`: whom to tell about a weakness of the site (RFC 9116)."""

from datetime import timedelta
from typing import Final

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

VALID: Final = timedelta(days=30)  # after it, what somebody has kept is to be asked for anew


@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    """The contact of the setting SECURITY_CONTACT; raises Http404 where there is none."""
    if not settings.SECURITY_CONTACT:
        raise Http404
    lines = (
        f"Contact: {settings.SECURITY_CONTACT}",
        f"Expires: {timezone.now() + VALID:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: en, zh",
        f"Canonical: {request.build_absolute_uri(request.path)}",
    )
    return HttpResponse("".join(f"{line}\n" for line in lines), content_type="text/plain; charset=utf-8")
