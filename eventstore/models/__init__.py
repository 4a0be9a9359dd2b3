"""The engine's own tables."""

from eventstore.models.integrity import Tile, TreeHead, Verification
from eventstore.models.keys import SiteKey, SubjectKey
from eventstore.models.log import AppendOnlyModel, Command, Event, Stream, Tidemark
from eventstore.models.projecting import Checkpoint, Parked, Projection, Runner, Shadow, ShadowPart
from eventstore.models.recovery import Cluster, Drill, Epoch, Follower, Restoration

__all__ = [
    "AppendOnlyModel",
    "Checkpoint",
    "Cluster",
    "Command",
    "Drill",
    "Epoch",
    "Event",
    "Follower",
    "Parked",
    "Projection",
    "Restoration",
    "Runner",
    "Shadow",
    "ShadowPart",
    "SiteKey",
    "Stream",
    "SubjectKey",
    "Tidemark",
    "Tile",
    "TreeHead",
    "Verification",
]
