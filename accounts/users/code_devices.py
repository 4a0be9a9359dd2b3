"""What makes or holds codes, stored by django-otp, with secrets that a copy of the database does not give away."""

import base64
from typing import Final

from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from eventstore.personal import keyed_hash

SECRET_BYTES: Final = 20  # of what an app shares with the site: RFC 4226 recommends 160 bits
HASH_BYTES: Final = 12  # of a recovery code's hash: what the column takes


class CodeApp(TOTPDevice):  # type: ignore[misc]
    """An app that makes a code every thirty seconds (TOTP, RFC 6238)."""

    class Meta:
        proxy = True
        default_permissions = ()

    @property
    def bin_key(self) -> bytes:
        """What app and site share: made from what is stored, with a key outside of the database.

        So a copy of the database makes no codes. That key outlives every rotation.
        """
        return keyed_hash(b"code app:" + self.key.encode())[:SECRET_BYTES]

    @property
    def typed_key(self) -> str:
        """The secret, for an app that can't read the picture: in groups of four."""
        return in_groups(base64.b32encode(self.bin_key).decode(), " ")

    def get_throttle_factor(self) -> int:
        """Zero: wrong codes are counted with other attempts, for the user and not for the device."""
        return 0


class RecoveryCodes(StaticDevice):  # type: ignore[misc]
    """Codes to be kept on paper, each of which opens once. Only their hashes are stored."""

    class Meta:
        proxy = True
        default_permissions = ()

    def verify_token(self, token: str) -> bool:
        """Whether this is a code that was not used yet; uses it up."""
        return bool(super().verify_token(self.hashed(token)))

    def get_throttle_factor(self) -> int:
        """Zero: these can't be guessed, and must open whatever somebody else has tried."""
        return 0

    def hashed(self, code: str) -> str:
        """A hash with a key outside of the database."""
        return base64.urlsafe_b64encode(
            keyed_hash(f"recovery code:{self.user_id}:{code}".encode())[:HASH_BYTES]
        ).decode()


def in_groups(text: str, separator: str) -> str:
    """A text in groups of four, which people copy without losing their place."""
    return separator.join(text[start : start + 4] for start in range(0, len(text), 4))
