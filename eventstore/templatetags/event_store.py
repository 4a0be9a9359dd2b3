"""Filters and tags of the engine's templates in the admin."""

from django import template

from eventstore.admin import show
from eventstore.admin.overview import overview
from eventstore.admin.rows import table_of

register = template.Library()

register.filter("moment", show.moment)
register.filter("state", show.state)
register.filter("mode", show.mode)
register.simple_tag(overview, name="overview")
register.simple_tag(table_of, name="table_of")
register.simple_tag(show.stream_link, name="stream_link")
register.simple_tag(show.parked, name="parked_streams")
