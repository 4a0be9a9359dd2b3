"""The WSGI application that the server runs."""

import os

from django.core.wsgi import get_wsgi_application

from config.in_flight import InFlight
from config.keys import refuse_wrong_keys
from config.supervisor.parent import die_with_server
from eventstore.service import Watchdog, notice_restores

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

die_with_server()
application = InFlight(get_wsgi_application)
Watchdog(application.busy_for).start()
application.load()
notice_restores()  # nor may one serve what a restore has half filled
refuse_wrong_keys()  # a worker that can't read what is stored must not serve
