"""Ready views: questions in SQL, each in a file, `<app>/analysis/<name>.sql`, which begins with what it tells."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.apps import apps

from eventstore.analysis.errors import CannotAnalyse

FOLDER: Final = "analysis"
COMMENT: Final = "--"


@dataclass(frozen=True)
class View:
    """A question with a name; `about` is the first comment of its file."""

    name: str
    sql: str

    @property
    def about(self) -> str:
        """What it tells, in a sentence or two."""
        lines = []
        for line in self.sql.splitlines():
            if not line.startswith(COMMENT):
                break
            lines.append(line.removeprefix(COMMENT).strip())
        return " ".join(lines)


def views() -> dict[str, View]:
    """The views of all installed apps, by name; of two with one name, that of the app that is listed first."""
    found: dict[str, View] = {}
    for app in apps.get_app_configs():
        for path in sorted(Path(app.path, FOLDER).glob("*.sql")):
            found.setdefault(path.stem, View(path.stem, path.read_text(encoding="utf-8")))
    return dict(sorted(found.items()))


def view_named(name: str) -> View:
    """A view; raises CannotAnalyse, with the names that there are."""
    known = views()
    if name not in known:
        raise CannotAnalyse(f"There is no view {name!r}. There are: {', '.join(known)}.")
    return known[name]
