"""Finds the texts of the sources and of the catalogs, without the programs of gettext, which not every machine has."""

import ast
import gettext
import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Final

from django.conf import settings
from django.utils.translation.template import templatize

from eventstore.catalogue import texts_of

# Which folders have their texts in which catalog: the engine's travel with it, into other projects.
SOURCES: Final = {
    "eventstore/locale": ("eventstore",),
    "locale": ("accounts", "config", "demo", "projections", "templates"),
}
CONTEXT: Final = "\4"  # separates context and text in a catalog's keys

# How many texts each function marks, and whether a context comes before them.
MARKERS: Final = {
    "_": (1, False),
    "phrase": (1, False),
    **{f"gettext{suffix}": (1, False) for suffix in ("", "_lazy", "_noop")},
    **{f"ngettext{suffix}": (2, False) for suffix in ("", "_lazy")},
    **{f"pgettext{suffix}": (1, True) for suffix in ("", "_lazy")},
    **{f"npgettext{suffix}": (2, True) for suffix in ("", "_lazy")},
}
LITERAL: Final = r"""u?(?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")"""
MARKED: Final = re.compile(rf"\b({'|'.join(MARKERS)})\(\s*({LITERAL}(?:\s*,\s*{LITERAL})*)")
ENTRY: Final = re.compile(r"^(msgctxt|msgid|msgid_plural|msgstr(?:\[\d+\])?) ((?:\".*\"\n?)+)", re.MULTILINE)

Text = tuple[str, ...]  # singular and plural, or one text; the first with its context


def texts(catalog: str) -> set[Text]:
    """All texts that are marked for translation in the folders of a catalog."""
    root = settings.BASE_DIR
    python = chain.from_iterable(root.glob(f"{folder}/**/*.py") for folder in SOURCES[catalog])
    templates = chain.from_iterable(
        root.glob(f"{folder}/**/*.{kind}") for folder in SOURCES[catalog] for kind in ("html", "txt")
    )
    return {
        text
        for path in chain(python, templates)
        for text in (_in_python(path) if path.suffix == ".py" else _in_template(path))
    }


def written(catalog: str, language: str) -> dict[Text, list[str]]:
    """The translations as the .po has them."""
    blocks = re.split(r"\n\n+", folder(catalog, language).joinpath("django.po").read_text())
    parsed = [[(name, _joined(lines)) for name, lines in ENTRY.findall(block)] for block in blocks]
    return dict(_entry(dict(block)) for block in parsed if dict(block).get("msgid"))


def compiled(catalog: str, language: str) -> dict[str, str]:
    """The translations as the .mo has them, by text (a plural's first form, and the text that it is for)."""
    with folder(catalog, language).joinpath("django.mo").open("rb") as file:
        found: dict[str | tuple[str, int], str] = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    return {key[0] if isinstance(key, tuple) else key: text for key, text in found.items() if key}


def folder(catalog: str, language: str) -> Path:
    """Where a catalog has the files of a language."""
    root: Path = settings.BASE_DIR
    return root / catalog / language / "LC_MESSAGES"


def _in_python(path: Path) -> Iterator[Text]:
    source = path.read_text()
    yield from ((text,) for text in texts_of(source) if text)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and (name := _name(node.func)) in MARKERS:
            values = [argument.value for argument in node.args if isinstance(argument, ast.Constant)]
            yield from _text(name, [value for value in values if isinstance(value, str)])


def _in_template(path: Path) -> Iterator[Text]:
    for name, literals in MARKED.findall(templatize(path.read_text())):
        yield from _text(name, list(ast.literal_eval(f"({literals},)")))


def _text(name: str, values: list[str]) -> Iterator[Text]:
    count, has_context = MARKERS[name]
    if has_context:
        values = [CONTEXT.join(values[:2]), *values[2:]]
    if len(values) >= count:
        yield tuple(values[:count])


def _name(function: ast.expr) -> str:
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


def _entry(block: dict[str, str]) -> tuple[Text, list[str]]:
    singular = CONTEXT.join(block[name] for name in ("msgctxt", "msgid") if name in block)
    plural = (block["msgid_plural"],) if "msgid_plural" in block else ()
    return (singular, *plural), [text for name, text in block.items() if name.startswith("msgstr")]


def _joined(lines: str) -> str:
    return "".join(ast.literal_eval(line) for line in lines.splitlines())
