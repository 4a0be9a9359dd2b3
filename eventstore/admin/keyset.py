"""Lists by key: a page begins where the last one ended, so the thousandth costs what the first does.

No COUNT and no OFFSET: nobody learns how many rows there are, and nobody waits for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Final, Generic, TypeVar

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest

Row = TypeVar("Row", bound=Model)

AFTER: Final = "after"  # ?after=<key>: the rows below that key
BEFORE: Final = "before"  # ?before=<key>: the rows above it


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Some rows, greatest key first; `after` and `before` are the keys of the pages around it, if there are any."""

    rows: list[Row]
    after: Any = None
    before: Any = None


@dataclass(frozen=True)
class Cut:
    """Where a list is cut: the field by which it is ordered, unique among the rows, and the key to go on from."""

    field: str
    size: int
    after: Any = None
    before: Any = None

    @classmethod
    def asked(cls, request: HttpRequest, model: type[Model], field: str, size: int) -> "Cut":
        """The cut that an address names; raises ValidationError if its key is none."""
        column: Any = model._meta.pk if field == "pk" else model._meta.get_field(field)
        keys = {name: column.to_python(request.GET[name]) for name in (AFTER, BEFORE) if name in request.GET}
        return cls(field, size, **keys)

    def page(self, *branches: "QuerySet[Row]") -> Page[Row]:
        """The rows of all branches, merged. A branch is a part of the list that an index gives in order."""
        if self.before is not None:
            return self._upwards(branches)
        rows = self._some(branches, "lt", self.after, "-")
        more = len(rows) > self.size
        rows = rows[: self.size]
        return Page(rows, self._key(rows[-1]) if more else None, self._first(rows))

    def _upwards(self, branches: Sequence["QuerySet[Row]"]) -> Page[Row]:
        rows = self._some(branches, "gt", self.before, "")
        if len(rows) <= self.size:  # the top is reached: a full first page reads better than a short one
            return Cut(self.field, self.size).page(*branches)
        rows = rows[: self.size][::-1]
        return Page(rows, self._key(rows[-1]), self._key(rows[0]))

    def _some(self, branches: Sequence["QuerySet[Row]"], side: str, edge: Any, direction: str) -> list[Row]:
        """One row more than a page holds, which tells whether there is a next one."""
        beyond = {} if edge is None else {f"{self.field}__{side}": edge}
        ordered = f"{direction}{self.field}"
        found = [row for part in branches for row in part.filter(**beyond).order_by(ordered)[: self.size + 1]]
        found.sort(key=self._key, reverse=bool(direction))
        return found[: self.size + 1]

    def _first(self, rows: list[Row]) -> Any:
        if self.after is None:
            return None
        return self._key(rows[0]) if rows else self.after

    def _key(self, row: Model) -> Any:
        return attrgetter(self.field)(row)


class KeysetChangeList(ChangeList):
    """The admin's list of a model, cut by key. The admin says by which: `key_field`."""

    page: Page[Any]

    def get_results(self, request: HttpRequest) -> None:
        """Read one page; what the admin's templates ask beyond that is answered with "unknown"."""
        field = self.model_admin.get_key_field(request)  # type: ignore[attr-defined]
        try:
            cut = Cut.asked(request, self.model, field, self.list_per_page)
        except ValidationError as error:
            raise IncorrectLookupParameters(error) from error
        self.page = cut.page(*self._branches())
        self.model_admin.enrich(self.page.rows)  # type: ignore[attr-defined]
        self.result_list = self.page.rows
        self.result_count = len(self.page.rows)
        self.full_result_count = None
        self.show_full_result_count = self.show_admin_actions = False
        self.can_show_all = self.multi_page = False

    def get_filters_params(self, params: dict[str, Any] | None = None) -> dict[str, Any]:
        """What filters the list; where it is cut does not."""
        asked = super().get_filters_params(params)
        return {name: value for name, value in asked.items() if name not in (AFTER, BEFORE)}

    def get_query_string(self, new_params: Any = None, remove: Any = None) -> str:
        """The address of the list with other filters: it begins at the top again."""
        return super().get_query_string({AFTER: None, BEFORE: None, **(new_params or {})}, remove)

    @property
    def older(self) -> str | None:
        """The address of the next page."""
        return None if self.page.after is None else self.get_query_string({AFTER: str(self.page.after)})

    @property
    def newer(self) -> str | None:
        """The address of the page before."""
        return None if self.page.before is None else self.get_query_string({BEFORE: str(self.page.before)})

    def _branches(self) -> list["QuerySet[Any]"]:
        branches = [self.queryset]
        for spec in self.filter_specs:
            if split := getattr(spec, "branches", None):
                branches = [part for branch in branches for part in split(branch)]
        return branches
