"""The entry point of the container: `entrypoint.py ROLE [more arguments]`, each role a command of manage.py.

The command takes this program's place, so that signals reach it, and a container ends when it does.
"""

import os
import sys
from pathlib import Path
from typing import Final, NoReturn

MANAGE: Final = Path(__file__).resolve().parents[2] / "manage.py"
ROLES: Final[dict[str, list[str]]] = {
    "web": ["serve", "--site-only", "--host", "0.0.0.0"],  # noqa: S104 - a container's ports are given out one by one
    "runner": ["run_projections"],
    "due": ["run_due", "--watch"],
    "mail": ["send_mail", "--watch"],
    "seal": ["seal", "--watch"],
    "statements": ["issue_statements", "--watch"],
    "watch": ["watch_projections"],
    "relay": ["relay"],
    "manage": [],  # any command: manage migrate, manage doctor
}


def main(arguments: list[str]) -> NoReturn:
    """Become the command of a role; exits with 1 if there is no such role."""
    role, *more = arguments or ["web"]
    if role not in ROLES:
        sys.exit(f"There is no role {role!r}. Choose one of: {', '.join(ROLES)}.")
    os.execv(sys.executable, [sys.executable, str(MANAGE), *ROLES[role], *more])  # noqa: S606 - of our own list


if __name__ == "__main__":
    main(sys.argv[1:])
