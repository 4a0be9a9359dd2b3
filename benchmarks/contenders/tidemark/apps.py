"""The sample app; its projection is declared as the settings say."""

from django.apps import AppConfig
from django.conf import settings


class SampleConfig(AppConfig):
    name = "benchmarks.contenders.tidemark"
    label = "sample"

    def ready(self) -> None:
        from benchmarks.contenders.tidemark import purses  # noqa: F401 - registers messages and decider
        from benchmarks.contenders.tidemark.projectors import declare

        if settings.PURSES:
            declare(delayed=settings.PURSES == "delayed")
