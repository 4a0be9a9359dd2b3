"""Writes `.env` with fresh secrets for a trial, from `.env.example`: `python -m config.fresh_env`."""

import base64
import os
import re
from pathlib import Path

# What 1,000 euros or so are in the other currencies of the demo world, where that is of another order of size.
APPROVAL_ABOVE_IN = "JPY:150000,BHD:400"

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    """Writes `.env`, readable by its owner alone; raises FileExistsError rather than replace one."""
    values = {
        "SECRET_KEY": random_text(48),
        "PERSONAL_DATA_KEY": random_text(32),
        "ERASURE_LIST": "var/erasures",
        "HTTPS": "0",
        "DEMO_RAILS": "1",
        "STAFF_SECOND_FACTOR": "0",
        "APPROVAL_ABOVE": "1000",
        "APPROVAL_ABOVE_IN": APPROVAL_ABOVE_IN,
    }
    text = fill((ROOT / ".env.example").read_text(), values)
    descriptor = os.open(ROOT / ".env", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)


def random_text(size: int) -> str:
    """`size` random bytes in base64."""
    return base64.b64encode(os.urandom(size)).decode()


def fill(text: str, values: dict[str, str]) -> str:
    """The text with the line of each variable set, whether or not it was commented out."""
    for name, value in values.items():
        text = re.sub(rf"^#?{name}=.*$", f"{name}={value}", text, flags=re.MULTILINE)
    return text


if __name__ == "__main__":
    main()
