"""The faults of a master key that can be seen in it. Pure, so that settings can ask before Django is set up."""

import string

KEY_BYTES = 32
MIN_DIFFERENT_BYTES = 16  # of 32 random ones, fewer differ once in 10 ** 12 keys

MAKE_ONE = 'python -c "import base64, os; print(base64.b64encode(os.urandom(32)).decode())"'

_PRINTABLE = frozenset(string.printable.encode())


def fault_of(key: object) -> str | None:
    """What is wrong with a key, as the end of a sentence; None for one that may be 32 random bytes."""
    return unusable(key) or (weakness_of(key) if isinstance(key, bytes) else None)


def unusable(key: object) -> str | None:
    """Why a key is none; None for one that works, however easily it is guessed."""
    if key is None or key in (b"", ""):
        return "is not set"
    if not isinstance(key, bytes):
        return f"is of type {type(key).__name__}, and must be bytes: decode it, for example with base64.b64decode"
    if len(key) < KEY_BYTES:
        return f"must hold {KEY_BYTES} bytes, not {len(key)}"
    return None


def weakness_of(key: bytes) -> str | None:
    """Why a key was not drawn at random; None if it may have been."""
    if _PRINTABLE.issuperset(key):
        return "is text, which can be guessed far more easily than random bytes"
    if len(set(key)) < MIN_DIFFERENT_BYTES:
        return "repeats a few bytes, so it was not drawn at random"
    return None
