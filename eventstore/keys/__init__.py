"""Master keys: what opens the site's own keys, with which the keys of persons are encrypted.

Three layers, each encrypted with the one above: a **master key**, outside the database; **site keys**, of which a few
rows exist; a **subject key** for each person, which encrypts what is stored about them. So a key management service
(KMS) that holds a master key is asked once for each process and site key, and need not give the key out.
"""

from eventstore.keys.erasure_places import fault_of_erasure_list
from eventstore.keys.masters import CannotUnwrap, LocalKey, MasterKey, in_file, in_settings
from eventstore.keys.strength import fault_of

__all__ = ["CannotUnwrap", "LocalKey", "MasterKey", "fault_of", "fault_of_erasure_list", "in_file", "in_settings"]
