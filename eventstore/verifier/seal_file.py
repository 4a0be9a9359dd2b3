"""The file of heads that are kept outside of the database: signed notes, one after the other, each ended by `END`.

It only ever grows, so that the system can be told to refuse all else (`chattr +a`). A note that a crash has cut off
stays where it is, followed by `CUT_OFF`, and is passed over by whoever reads.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from eventstore.verifier.notes import DASH

__all__ = ["CUT_OFF", "END", "ends_whole", "notes_in"]

END: Final = "\n"  # an empty line
CUT_OFF: Final = "\n(cut off: what stands above was not written whole)\n\n"


def ends_whole(tail: bytes) -> bool:
    """Whether the end of such a file is that of a whole note, or of a mark: what follows begins with a new note.

    An empty line alone is no end, as a crash may cut a note off between its text and its signatures.
    """
    line = tail.rstrip(b"\n").rpartition(b"\n")[2]
    is_last = line.startswith(DASH.encode()) or line == CUT_OFF.strip().encode()
    return not tail or (is_last and tail.endswith(b"\n\n"))


def notes_in(lines: Iterable[str]) -> Iterator[str]:
    """The whole notes in the lines of such a file, in their order, as they were signed; what else it holds is left out.

    Nothing is verified here.
    """
    text, signatures = list[str](), list[str]()
    is_over = False  # whether an empty line has ended the text
    for line in lines:
        if not line.endswith("\n"):
            return  # it is being written, or was cut off
        if line.startswith(DASH) and text and is_over:
            signatures.append(line)
        elif line == "\n":
            if signatures:
                yield "".join([*text, "\n", *signatures])
            if signatures or is_over:
                text, signatures = [], []
            is_over = bool(text)
        else:
            if is_over or signatures:
                text, signatures, is_over = [], [], False
            text.append(line)
