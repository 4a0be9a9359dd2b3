"""Messages of a page to the next one, in a signed cookie."""

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage


class NamedCookieStorage(CookieStorage):
    """Django's own, with the name of the settings: Django's has no prefix. Its flags are the session cookie's."""

    cookie_name = settings.MESSAGE_COOKIE_NAME


class Storage(FallbackStorage):
    """Keeps messages in the cookie, and in the session what is too long for it."""

    storage_classes = (NamedCookieStorage, SessionStorage)
