"""Analysis: SQL by DuckDB over the archive of a log, and over what the log has had since.

Nothing here is needed by a site that does not analyse: DuckDB is an extra, and is imported when it is used.
"""

from eventstore.analysis.bounds import Bounds, Period
from eventstore.analysis.errors import CannotAnalyse, NoArchive, NotArchived, NotInstalled, TookTooLong
from eventstore.analysis.session import Reach, Result, Session, analysis
from eventstore.analysis.view import View, view_named, views

__all__ = [
    "Bounds",
    "CannotAnalyse",
    "NoArchive",
    "NotArchived",
    "NotInstalled",
    "Period",
    "Reach",
    "Result",
    "Session",
    "TookTooLong",
    "View",
    "analysis",
    "view_named",
    "views",
]
