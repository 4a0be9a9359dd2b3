"""Shows a chart on a page: `{% chart found %}`."""

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from projections.charts import BarChart, LineChart

register = template.Library()


@register.simple_tag
def chart(found: BarChart | LineChart) -> SafeString:
    """The figure of a chart, with what it shows in words. The page loads `css/charts.css`."""
    return render_to_string(found.template, {"chart": found})
