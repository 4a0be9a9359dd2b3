"""OpenStack Swift with its S3 API, in one process, for tests: python server.py FOLDER; prints its port, and serves.

Its key is test:tester, with the secret testing. It runs in an environment of its own, without the project's packages:
make .venv-swift/bin/swift-proxy-server
"""

# mypy: ignore-errors

import sys
from array import array
from pathlib import Path
from typing import Any

import eventlet

eventlet.monkey_patch()

from swift.account.server import AccountController  # noqa: E402
from swift.common import utils, wsgi  # noqa: E402
from swift.common.ring import RingData  # noqa: E402
from swift.common.utils import config  # noqa: E402
from swift.container.server import ContainerController  # noqa: E402
from swift.obj.server import ObjectController  # noqa: E402

PIPELINE = "catch_errors cache listing_formats s3api tempauth bulk slo dlo versioned_writes proxy-server"
MIDDLEWARE = PIPELINE.split()[:-1]

PROXY = f"""
[DEFAULT]
bind_ip = 127.0.0.1
swift_dir = {{folder}}
[pipeline:main]
pipeline = {PIPELINE}
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
allow_account_management = true
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = testing .admin
[filter:s3api]
use = egg:swift#s3api
s3_acl = no
dns_compliant_bucket_names = no
"""


def server(app: Any, listener: Any) -> None:
    """Serve an application, quietly."""
    eventlet.spawn(eventlet.wsgi.server, listener, app, log_output=False)


def main(folder: Path) -> None:
    """Make a cluster of one disk, and serve it until the process is ended."""
    (folder / "disk" / "sda").mkdir(parents=True, exist_ok=True)
    for module in (utils, config):
        module.HASH_PATH_SUFFIX, module.HASH_PATH_PREFIX = b"tests", b""
    conf = {
        "devices": str(folder / "disk"),
        "mount_check": "false",
        "swift_dir": str(folder),
        "disable_fallocate": "true",
    }
    kinds = {"account": AccountController, "container": ContainerController, "object": ObjectController}
    listeners = {kind: eventlet.listen(("127.0.0.1", 0)) for kind in kinds}
    for kind, listener in listeners.items():
        port = listener.getsockname()[1]
        place = {"id": 0, "region": 1, "zone": 1, "device": "sda", "weight": 1, "ip": "127.0.0.1", "port": port}
        place |= {"replication_ip": "127.0.0.1", "replication_port": port}
        RingData([array("H", [0] * 4)], [place], 30).save(str(folder / f"{kind}.ring.gz"))
    for kind, controller in kinds.items():
        server(controller(conf), listeners[kind])
    uses = "".join(f"[filter:{name}]\nuse = egg:swift#{_egg(name)}\n" for name in MIDDLEWARE if name not in PROXY_HAS)
    (folder / "proxy.conf").write_text(PROXY.format(folder=folder) + uses)
    front = eventlet.listen(("127.0.0.1", 0))
    server(wsgi.loadapp(str(folder / "proxy.conf")), front)
    print(front.getsockname()[1], flush=True)  # noqa: T201 - for whoever started it
    while True:
        eventlet.sleep(60)


PROXY_HAS = ("tempauth", "s3api")


def _egg(name: str) -> str:
    return {"cache": "memcache"}.get(name, name)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
