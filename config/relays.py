"""The targets of `manage.py relay`, by the environment: RELAY_TARGETS names them, and RELAY_<NAME>… says the rest."""

from typing import Any

from config.environment import env


def relay_targets() -> dict[str, dict[str, Any]]:
    """The setting RELAY_TARGETS: for each name its address, secret, and what it may be given."""
    return {name: _target(f"RELAY_{name.upper()}") for name in env.list("RELAY_TARGETS", default=[])}


def _target(variable: str) -> dict[str, Any]:
    return {
        "url": env.str(variable, default=""),
        "secret": env.str(f"{variable}_SECRET", default=""),
        "personal": env.bool(f"{variable}_PERSONAL", default=False),
        "types": env.list(f"{variable}_TYPES", default=[]),
        "start": env.str(f"{variable}_START", default="beginning"),
    }
