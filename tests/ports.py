"""Ports for servers that tests start."""

import random
import socket
from typing import Final

# Below the ports that systems give to connections that go out (Linux: from 32,768), so that none takes it meanwhile.
PORTS: Final = range(20_000, 32_000)


def free_port() -> int:
    """A port that nobody listens on, and that no connection is given by chance before a server takes it."""
    while True:
        port = random.SystemRandom().choice(PORTS)
        try:
            socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            continue
        return port
