"""A browser without a screen: it keeps cookies, and signs in by the form."""

import html
import re
import time
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from http.cookiejar import CookieJar

from deploy.ha.cluster.plan import HOST
from tests.cluster.customer import AGAIN, PAUSE_SECONDS, SECONDS

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
TAG = re.compile(r"<[^>]*>")


@dataclass
class Browser:
    """Somebody who looks at pages."""

    cookies: CookieJar = field(default_factory=CookieJar)

    def sign_in(self, port: int, email: str, password: str) -> None:
        """Sign in; the session is good on every machine of the site."""
        address = f"http://{HOST}:{port}/sign-in"
        token = TOKEN.search(self._get(address))
        assert token
        form = {"csrfmiddlewaretoken": token[1], "username": email, "password": password}
        self._get(address, urllib.parse.urlencode(form).encode())
        assert any(cookie.name == "sessionid" for cookie in self.cookies)

    def page(self, port: int, path: str) -> str:
        """What a page says, without its markup."""
        return " ".join(html.unescape(TAG.sub(" ", self._get(f"http://{HOST}:{port}{path}"))).split())

    def _get(self, address: str, form: bytes | None = None) -> str:
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))
        begun = time.monotonic()
        while True:
            try:
                with opener.open(address, form, timeout=60) as answer:
                    return str(answer.read().decode())
            except OSError as error:  # HTTPError is one
                if getattr(error, "code", 0) not in AGAIN or time.monotonic() - begun > SECONDS:
                    raise
            time.sleep(PAUSE_SECONDS)
