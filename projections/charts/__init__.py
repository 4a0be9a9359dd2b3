"""Charts: SVG drawn by the server, for pages and the admin alike. A page shows one by `{% chart found %}`.

They need no script and no inline style; `css/charts.css` has their looks. Each says in words what it shows, and the
page has the figures in a table beside it.
"""

from projections.charts.bars import Bar, BarChart
from projections.charts.lines import LineChart, Series
from projections.charts.units import Count, Money, Unit

__all__ = ["Bar", "BarChart", "Count", "LineChart", "Money", "Series", "Unit"]
