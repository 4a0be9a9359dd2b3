"""Whose signatures count: those of keys that the caller knows, or else of those that come with what is checked."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from eventstore.verifier.notes import Head, InvalidNote, Key, opened, read_head, read_key
from eventstore.verifier.outcome import CannotCheck, Wrong

__all__ = ["Trust"]


@dataclass(frozen=True)
class Trust:
    """The keys that the caller knows, and those that were offered to a caller who knows none."""

    known: tuple[Key, ...] = ()
    taken: tuple[Key, ...] = ()

    def offered(self, keys: object) -> "Trust":
        """With the keys that a proof brings along, which count if the caller knows none."""
        if keys is None or self.known:
            return self
        if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
            raise CannotCheck("The field keys is no list of keys.")
        try:
            return replace(self, taken=(*self.taken, *map(read_key, keys)))
        except InvalidNote as error:
            raise CannotCheck(str(error)) from error

    @property
    def keys(self) -> tuple[Key, ...]:
        """The keys that count."""
        return self.known or self.taken

    def opened(self, note: str) -> tuple[Head, list[Key]]:
        """The head in a signed note, and who has signed it; raises Wrong unless a key that counts has."""
        try:
            text, signers = opened(note, self._some_keys())
            return read_head(text), signers
        except InvalidNote as error:
            raise Wrong(str(error)) from error

    def signers(self, note: str) -> list[Key]:
        """Who has signed a note, whatever its text is; raises Wrong unless a key that counts has."""
        try:
            return opened(note, self._some_keys())[1]
        except InvalidNote as error:
            raise Wrong(str(error)) from error

    def _some_keys(self) -> tuple[Key, ...]:
        if not self.keys:
            raise CannotCheck("No key is known: name one by --key.")
        return self.keys

    def knows(self, signers: list[Key]) -> bool:
        """Whether the caller named one of these keys."""
        return any(key in self.known for key in signers)

    def lines(self, head: Head, signers: list[Key]) -> Iterator[str]:
        """The head and its signers, for a person."""
        yield f"under the head of {head.origin} with {head.size} leaves"
        whose = "which you named" if self.known else "which came along, so make sure that it is the right one"
        yield from (f"signed by {key.name}+{key.id.hex()}, {whose}" for key in signers)
