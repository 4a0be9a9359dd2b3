"""Admin lists by key: a page begins where the last one ended, so the thousandth costs what the first does.

No COUNT and no OFFSET: nobody learns how many rows there are, and nobody waits for it.
"""

from dataclasses import dataclass
from typing import Any, Final

from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import ValidationError
from django.db import connections
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from eventstore.admin.elsewhere import missing
from eventstore.errors import RangeDetached
from eventstore.http.paging import Cut, Page
from eventstore.log.browsing_indexes import NEWEST, are_wanted, there

AFTER: Final = "after"  # ?after=<key>: the rows below that key
BEFORE: Final = "before"  # ?before=<key>: the rows above it


def cut_from(request: HttpRequest, model: type[Model], field: str, size: int) -> Cut:
    """The cut in a request's address; raises ValidationError if its key is no value of the field."""
    column: Any = model._meta.pk if field == "pk" else model._meta.get_field(field)
    keys = {name: column.to_python(request.GET[name]) for name in (AFTER, BEFORE) if name in request.GET}
    return Cut(field, size, **keys)


@dataclass(frozen=True)
class Chosen:
    """A filter that narrows a list, what it is set to, and the address of the list without it."""

    title: Any
    text: Any
    without: str


class KeysetChangeList(ChangeList):
    """The admin's list of a model, paged by the admin's `key_field`."""

    page: Page[Any, Any]

    def get_queryset(self, request: HttpRequest, *args: Any, **kwargs: Any) -> "QuerySet[Any]":
        """The rows of the list; where an index that it takes is in another database, those of the newest that fit."""
        found = super().get_queryset(request, *args, **kwargs)
        used = {index for name, index in self.model_admin.browsed_by.items() if request.GET.get(name)}  # type: ignore[attr-defined]
        if are_wanted() or not used or all(there(connections[found.db])[name] for name in used):
            return found
        last = self.root_queryset.order_by("-pk").values_list("pk", flat=True).first() or 0
        text = _(
            "The index for this choice is not in this database, so only the newest %(count)s rows were looked through."
        )
        messages.warning(request, text % {"count": number_format(NEWEST, force_grouping=True)})
        return found.filter(pk__gt=last - NEWEST)

    def get_results(self, request: HttpRequest) -> None:
        """Read one page; totals that the admin's templates use are unknown."""
        field = self.model_admin.get_key_field(request)  # type: ignore[attr-defined]
        try:
            cut = cut_from(request, self.model, field, self.list_per_page)
        except ValidationError as error:
            raise IncorrectLookupParameters(error) from error
        self.page = cut.page(*self._branches())
        self.model_admin.enrich_for(request, self.page.rows)  # type: ignore[attr-defined]
        self.result_list = self.page.rows
        self.result_count = len(self.page.rows)
        self.full_result_count = None
        self.show_full_result_count = self.show_admin_actions = False
        self.can_show_all = self.multi_page = False

    def get_filters_params(self, params: dict[str, Any] | None = None) -> dict[str, Any]:
        """The parameters that filter the list, without those that choose its page."""
        filters = super().get_filters_params(params)
        return {name: value for name, value in filters.items() if name not in (AFTER, BEFORE)}

    def get_query_string(self, new_params: Any = None, remove: Any = None) -> str:
        """The address of the list with other filters: it begins at the top again."""
        return super().get_query_string({AFTER: None, BEFORE: None, **(new_params or {})}, remove)

    @property
    def older(self) -> str | None:
        """The address of the next page."""
        return None if self.page.next is None else self.get_query_string({AFTER: str(self.page.next)})

    @property
    def newer(self) -> str | None:
        """The address of the page before."""
        return None if self.page.previous is None else self.get_query_string({BEFORE: str(self.page.previous)})

    @property
    def elsewhere(self) -> RangeDetached | None:
        """Where the rows lie that would follow the last page."""
        return missing(self.model) if self.page.next is None else None

    @property
    def chosen(self) -> list[Chosen]:
        """The filters that narrow the list."""
        found = [(spec, spec.chosen()) for spec in self.filter_specs if hasattr(spec, "chosen")]
        return [
            Chosen(spec.title, text, self.get_query_string(remove=spec.expected_parameters()))
            for spec, text in found
            if text is not None
        ]

    def _branches(self) -> list["QuerySet[Any]"]:
        branches = [self.queryset]
        for spec in self.filter_specs:
            if split := getattr(spec, "branches", None):
                branches = [part for branch in branches for part in split(branch)]
        return branches
