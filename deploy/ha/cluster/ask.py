"""What the parts say of themselves."""

import json
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from deploy.ha.cluster.plan import HOST, NODES, Plan

SECONDS: Final = 240.0  # for a part to come up, on a busy machine
PAUSE_SECONDS: Final = 0.2


class Late(Exception):
    """Something has not come up in time."""


def wait_for(condition: Callable[[], bool], what: str, seconds: float = SECONDS) -> None:
    """Look until a condition holds; raises Late."""
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            raise Late(f"{what} has not come in {seconds:.0f} seconds.")
        time.sleep(PAUSE_SECONDS)


def listens(port: int) -> bool:
    """Whether somebody listens on a port."""
    with suppress(OSError):
        socket.create_connection((HOST, port), timeout=2).close()
        return True
    return False


def status_of(port: int, path: str) -> int:
    """The status of an answer; 0 without one."""
    try:
        with urllib.request.urlopen(f"http://{HOST}:{port}{path}", timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def leader(plan: Plan) -> str | None:
    """The server that leads and takes writes."""
    return next((node for node in NODES if status_of(plan.patroni(node), "/primary") == 200), None)


def members(plan: Plan) -> list[dict[str, Any]]:
    """The servers as one of them sees them: name, role, state, timeline, lag; empty if none answers."""
    for node in NODES:
        with (
            suppress(OSError),
            urllib.request.urlopen(f"http://{HOST}:{plan.patroni(node)}/cluster", timeout=5) as answer,
        ):
            found: list[dict[str, Any]] = json.load(answer)["members"]
            return found
    return []


def standbys(plan: Plan) -> list[str]:
    """The servers that follow the leader, and may acknowledge for it."""
    roles = {"quorum_standby", "sync_standby"}
    return [one["name"] for one in members(plan) if one["role"] in roles and one["state"] == "streaming"]
