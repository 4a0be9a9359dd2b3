"""Signed notes as C2SP has them; the first one, with its key, is the example of the published specification."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from eventstore.verifier.notes import Head, InvalidNote, Key, opened, read_head, read_key, sign

KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
NOTE = """\
If you think cryptography is the answer to your problem,
then you don't know what your problem is.

\N{EM DASH} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
"""
HEAD = Head("bank.example/log/1/events", 7, bytes(range(32)))
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(32))
OWN = Key("bank.example", PRIVATE.public_key().public_bytes_raw())


def test_the_published_note_is_opened_with_its_key() -> None:
    text, signers = opened(NOTE, [read_key(KEY)])
    assert text.endswith("your problem is.\n")
    assert [str(key) for key in signers] == [KEY]


def test_a_head_is_signed_and_read_again() -> None:
    note = f"{HEAD.text}\n{sign(HEAD.text, OWN.name, PRIVATE)}"
    text, signers = opened(note, [OWN, read_key(KEY)])
    assert (read_head(text), signers) == (HEAD, [OWN])
    assert read_key(str(OWN)) == OWN


@pytest.mark.parametrize(
    ("old", "new"), [("\n7\n", "\n8\n"), ("bank.example/log", "bank.example/lot"), ("AAEC", "AAED")]
)
def test_a_changed_head_does_not_verify(old: str, new: str) -> None:
    note = f"{HEAD.text}\n{sign(HEAD.text, OWN.name, PRIVATE)}"
    with pytest.raises(InvalidNote, match="does not fit"):
        opened(note.replace(old, new, 1), [OWN])


def test_a_note_that_nobody_trusted_has_signed_is_refused() -> None:
    with pytest.raises(InvalidNote, match="None of the keys"):
        opened(NOTE, [OWN])


@pytest.mark.parametrize(
    "note", ["", "\n", "text\n", "text\n\n", "text\n\nname AAAA\n", "text\n\n\N{EM DASH} name ?\n"]
)
def test_what_is_no_note_is_refused(note: str) -> None:
    with pytest.raises(InvalidNote):
        opened(note, [OWN])


@pytest.mark.parametrize(
    "text", ["", "a\n1\n", "a\n-1\nAAAA\n", "a\n01\nAAAA\n", "a\n1\nAAAA\n", "a\n1\n?\n", "\n1\nAA==\n"]
)
def test_what_is_no_head_is_refused(text: str) -> None:
    with pytest.raises(InvalidNote):
        read_head(text)


@pytest.mark.parametrize("text", ["", "a+b", "a+00000000+AAAA", KEY.replace("c74f", "c74e"), KEY[:-4]])
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(InvalidNote):
        read_key(text)
