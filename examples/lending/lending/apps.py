"""Imports what registers itself: rules, projections, reactions, due tasks and upcasters."""

from django.apps import AppConfig


class LendingConfig(AppConfig):
    name = "lending"

    def ready(self) -> None:
        from lending import book, card, due, projectors, reactions, reader, upcasters  # noqa: F401
