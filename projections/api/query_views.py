"""Query views of this project: those of the engine, for customers and members of staff."""

from collections.abc import Sequence

from rest_framework.permissions import BasePermission

from accounts.users.access import CustomersAndStaff, UserEndpoint
from eventstore.http import query_views


class ReaderEndpoint(UserEndpoint):
    """Lets customers and members of staff in; what each of them may see is for the query."""

    permission_classes: Sequence[type[BasePermission]] = (CustomersAndStaff,)


class QueryView(ReaderEndpoint, query_views.QueryView):
    """A query view for customers and members of staff."""


class DetailView(ReaderEndpoint, query_views.DetailView):
    """A query view of one object for customers and members of staff."""


class ListView(ReaderEndpoint, query_views.ListView):
    """A query view of a list for customers and members of staff."""
