"""The application that Granian runs: `granian --interface rsgi config.rsgi:application`."""

from django.conf import settings

from config.wsgi import application as site  # sets Django up, which the next line needs

# isort: split
from config.bridge import Bridge

application = Bridge(site, settings.SITE_THREADS)
