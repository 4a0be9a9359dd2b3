"""Forgeries of the file of heads, by somebody who can write it after all."""

import string
from pathlib import Path
from random import Random

from tests.torture.forgeries.other_values import flipped
from tests.torture.forgeries.registry import forgery


@forgery
def the_file_of_heads(rng: Random, file: Path) -> str:
    text = file.read_text()
    match rng.choice(("flip", "cut out", "add")):
        case "flip":
            places = [at for at, letter in enumerate(text) if letter in string.ascii_letters + string.digits]
            # The last letter of a signature has bits that mean nothing.
            at = rng.choice([at for at in places if text[at + 1] != "="])
            file.write_text(text[:at] + flipped(rng, text[at]) + text[at + 1 :])
            return f"character {at} of the file of heads"
        case "cut out":
            blocks = _blocks(text)
            at = rng.randrange(2, len(blocks))
            file.write_text("".join(blocks[:at] + blocks[at + 1 :]))
            return f"head {at} cut out of the file of heads, of {len(blocks)}"
        case _:
            file.write_text(f"{text}localhost/forged\n\n")
            return "a line added to the file of heads"


def _blocks(text: str) -> list[str]:
    """The notes in a file of heads, each with the empty line that ends it."""
    lines, blocks, block = text.splitlines(keepends=True), list[str](), ""
    is_signed = False
    for line in lines:
        block += line
        is_signed = is_signed or line.startswith("—")
        if is_signed and line == "\n":
            blocks.append(block)
            block, is_signed = "", False
    return blocks
