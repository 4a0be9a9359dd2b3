"""Whether a log is the one that is in an archive, and has only grown since."""

from eventstore.archive import rows
from eventstore.archive.errors import CannotArchive
from eventstore.archive.format import Manifest
from eventstore.archive.leaves import leaves_of
from eventstore.archive.places import Place, content_of
from eventstore.errors import RangeDetached
from eventstore.integrity import trees
from eventstore.log.database import primary_rows
from eventstore.log.identity import identity
from eventstore.models import Epoch
from eventstore.verifier.merkle import range_root

ANOTHER = " Give this log a folder of its own, and keep the old one as long as it may be needed."


def must_continue(place: Place, before: Manifest) -> None:
    """Raise CannotArchive unless the archive is of this log, and all that is in it is still in the log as it was."""
    log_id = identity().log_id
    if before.log_id != str(log_id):
        raise CannotArchive(f"The archive is of the log {before.log_id}, and this is {log_id}.{ANOTHER}")
    for epoch in primary_rows(Epoch).filter(epoch__gt=before.epoch).order_by("epoch"):
        if epoch.position < before.events.last or epoch.number < before.commands.last:
            raise CannotArchive(
                f"The archive goes up to position {before.events.last}, but epoch {epoch.epoch} of this log began at "
                f"{epoch.position}: what lay above is lost here, and still in the archive.{ANOTHER}"
            )
    for store in ("events", "commands"):
        _must_be_there(place, before, store)


def _must_be_there(place: Place, before: Manifest, store: str) -> None:
    """Raise CannotArchive unless the archive's last row is in the log, and the log's tree is that of the archive.

    Where that row was detached, the tree alone must do, and does: it was kept, and its root is over all rows.
    """
    tree = before.tree(store)
    if not tree.size:
        return
    kept = trees.Tree(store)
    is_in_tree = trees.size(kept) >= tree.size
    try:
        is_there = _has_last_row(place, before, store)
    except RangeDetached:
        is_there = is_in_tree
    if is_there and is_in_tree:
        is_there = range_root(trees.node(kept), 0, tree.size).hex() == tree.root
    if not is_there:
        raise CannotArchive(
            f"The {store} of this log are not those that are in the archive, which goes up to {tree.last}. Run: "
            f"manage.py verify.{ANOTHER}"
        )


def _has_last_row(place: Place, before: Manifest, store: str) -> bool:
    """Whether the archive's last row is in the database; raises RangeDetached if it lies in an archive alone."""
    tree = before.tree(store)
    found = rows.read(store, tree.last - 1, tree.last, 1)
    leaf = content_of(place, tree.segments[-1].leaves)[-32:]
    return found is not None and leaves_of([tree.last], found.table()["digest"].to_pylist()) == [leaf]
