"""`manage.py makemessages`: Django's own, extended to texts that no call of gettext marks."""

from functools import cached_property
from pathlib import Path

from django.core.management.base import CommandParser
from django.core.management.commands import makemessages

from eventstore.catalogue import texts_of


class BuildFile(makemessages.BuildFile):
    """A source file; of modules that declare events and commands, with what the catalogue shows of them."""

    @cached_property
    def described(self) -> list[str]:
        """Docstrings and remarks."""
        if self.domain != "django" or not self.path.endswith(".py"):
            return []
        return sorted({text for text in texts_of(Path(self.path).read_text(encoding="utf-8")) if text})

    @cached_property
    def is_templatized(self) -> bool:
        """Whether gettext reads another file in place of this one."""
        return bool(self.described) or super().is_templatized

    def preprocess(self) -> None:
        """Write the file that gettext reads."""
        if not self.described:
            super().preprocess()
            return
        marked = "".join(f"\ngettext_noop({text!r})" for text in self.described)
        Path(self.work_path).write_text(Path(self.path).read_text(encoding="utf-8") + marked, encoding="utf-8")


class Command(makemessages.Command):
    """Recognises `phrase("…")` of `eventstore.decider` as a mark for translation, besides `_("…")`."""

    build_file_class = BuildFile
    xgettext_options = [*makemessages.Command.xgettext_options, "--keyword=phrase"]

    def add_arguments(self, parser: CommandParser) -> None:
        """Records the files of a text without line numbers, which would differ after every commit."""
        super().add_arguments(parser)
        parser.set_defaults(add_location="file")
