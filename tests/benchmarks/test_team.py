"""The processes of contenders run with the site's own settings, which refuse what is not safe."""

import subprocess
import sys

from benchmarks.team import ROOT, SETTINGS


def test_the_settings_of_contenders_are_taken_by_the_site() -> None:
    environment = {**SETTINGS, "DATABASE_URL": "sqlite://:memory:", "DJANGO_SETTINGS_MODULE": "config.settings"}
    asked = "import django; django.setup(); from django.conf import settings; print(settings.STAFF_SECOND_FACTOR)"
    done = subprocess.run(
        [sys.executable, "-c", asked], cwd=ROOT, env=environment, capture_output=True, check=False, text=True
    )
    assert (done.stderr, done.stdout) == ("", "False\n")  # a page of the admin is measured without a second factor
