"""The sample app. PURSES says how its read model is kept: "real-time" or "delayed"; without it there is none."""

import os

from django.apps import AppConfig


class SampleConfig(AppConfig):
    name = "benchmarks.contenders.tidemark"
    label = "sample"

    def ready(self) -> None:
        from benchmarks.contenders.tidemark import purses  # noqa: F401 - registers messages and decider
        from benchmarks.contenders.tidemark.projectors import declare

        if kept := os.environ.get("PURSES"):
            declare(delayed=kept == "delayed")
