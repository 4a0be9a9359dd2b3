"""The application of the sample project, as the site's own server runs it."""

from django.core.wsgi import get_wsgi_application

THREADS = 4
site = get_wsgi_application()  # sets Django up, which the next line needs

from config.bridge import Bridge  # noqa: E402

bridged = Bridge(site, THREADS)
