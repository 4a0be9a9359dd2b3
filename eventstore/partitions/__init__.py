"""Large logs on PostgreSQL: events in partitions by position, commands by number.

An operator's choice (`manage.py partitions --adopt`, decision 0052); small sites have no need of it. Nothing of this is
there before, and all else works alike with it and without.
"""

from eventstore.partitions.adopt import adopt
from eventstore.partitions.ahead import make_ahead
from eventstore.partitions.catalogue import Partition, is_partitioned, partitions
from eventstore.partitions.errors import CannotPartition

__all__ = ["CannotPartition", "Partition", "adopt", "is_partitioned", "make_ahead", "partitions"]
