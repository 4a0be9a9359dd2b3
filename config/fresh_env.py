"""Writes `.env` with fresh secrets for a trial, from `.env.example`: `python -m config.fresh_env`."""

import base64
import os
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    """Writes `.env`, readable by its owner alone; raises FileExistsError rather than replace one."""
    values = {
        "SECRET_KEY": random_text(48),
        "PERSONAL_DATA_KEY": random_text(32),
        "HTTPS": "0",
        "DEMO_RAILS": "1",
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
