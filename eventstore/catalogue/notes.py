"""What the code says of messages and their fields: docstrings, `msgspec.Meta` in annotations, comments beside fields.

None of it is part of a shape, so it can be written and corrected without a new version.
"""

import ast
import inspect
import io
import re
import textwrap
import tokenize
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from eventstore.messages import MessageType

UNIT: Final = "x-unit"  # in `Meta(extra_json_schema={"x-unit": "minor units"})`
_FOR_TOOLS: Final = re.compile(r"(noqa|type:|pragma|mypy|pyright)", re.IGNORECASE)
_DESCRIBES: Final = re.compile(r"^@(?:event|command|upcaster)\(|\bMeta\(", re.MULTILINE)


@dataclass(frozen=True)
class Note:
    """What is said of one field: by its type, in the comment beside it; a unit, and values as examples."""

    description: str = ""
    remark: str = ""
    unit: str = ""
    examples: tuple[Any, ...] = ()

    @property
    def text(self) -> str:
        """All that is said, in one line."""
        return "; ".join(filter(None, (self.description, self.remark)))

    def as_schema(self) -> dict[str, Any]:
        """As keywords of a schema."""
        told = {"description": self.text, UNIT: self.unit, "examples": list(self.examples)}
        return {name: value for name, value in told.items() if value}


def notes_of(kind: MessageType) -> dict[str, Note]:
    """The notes of a message's fields, by name; of those without one, none."""
    remarks = _remarks(kind.cls)
    described = msgspec.inspect.type_info(kind.cls)
    assert isinstance(described, msgspec.inspect.DataclassType | msgspec.inspect.StructType)
    notes = {field.name: _note(_metadata(field.type), remarks.get(field.name, "")) for field in described.fields}
    return {name: note for name, note in notes.items() if note != Note()}


def description_of(declared: Any) -> str:
    """The first paragraph of a docstring, in one line; none if the docstring is the one that dataclasses write."""
    text = _first_paragraph(declared.__doc__)
    return "" if text.startswith(f"{getattr(declared, '__name__', '')}(") else text


def texts_of(source: str) -> Iterator[str]:
    """The texts in a module that the catalogue shows, for translators: nothing marks them as translatable."""
    if not _DESCRIBES.search(source):
        return
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.ClassDef() if _is_declared_by(node, "event", "command"):
                yield _first_paragraph(ast.get_docstring(node))
                yield from dict(_by_field(node, source)).values()
            case ast.FunctionDef() if _is_declared_by(node, "upcaster"):
                yield _first_paragraph(ast.get_docstring(node))
            case ast.Call(func=ast.Name(id="Meta") | ast.Attribute(attr="Meta"), keywords=given):
                yield from _said({each.arg: each.value for each in given})


def _first_paragraph(text: str | None) -> str:
    return " ".join(inspect.cleandoc(text or "").partition("\n\n")[0].split())


def _note(told: Mapping[str, Any], remark: str) -> Note:
    return Note(str(told.get("description", "")), remark, str(told.get(UNIT, "")), tuple(told.get("examples", ())))


def _metadata(kind: msgspec.inspect.Type) -> Mapping[str, Any]:
    match kind:
        case msgspec.inspect.Metadata(extra_json_schema=told):
            return told or {}
        case msgspec.inspect.UnionType(types=members):
            return {name: value for member in members for name, value in _metadata(member).items()}
        case _:
            return {}


def _remarks(cls: type[Any]) -> dict[str, str]:
    """The comments beside a class's fields; none if the source is not at hand."""
    try:
        text = textwrap.dedent(inspect.getsource(cls))
        (definition,) = ast.parse(text).body
    except (OSError, TypeError, SyntaxError, ValueError):
        return {}
    return dict(_by_field(definition, text)) if isinstance(definition, ast.ClassDef) else {}


def _by_field(definition: ast.ClassDef, text: str) -> Iterator[tuple[str, str]]:
    """The comments at the ends of the lines of fields."""
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    ends = {token.start[0]: token.string.lstrip("# ") for token in tokens if token.type == tokenize.COMMENT}
    for node in definition.body:
        remark = ends.get(node.end_lineno or 0, "")
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and not _FOR_TOOLS.match(remark):
            yield node.target.id, remark


def _is_declared_by(node: ast.ClassDef | ast.FunctionDef, *names: str) -> bool:
    calls = [each.func for each in node.decorator_list if isinstance(each, ast.Call)]
    return any(isinstance(each, ast.Name) and each.id in names for each in calls)


def _said(given: Mapping[str | None, ast.expr]) -> Iterator[str]:
    """The description and the unit in the call of `Meta`."""
    extra = given.get("extra_json_schema")
    named = {}
    if isinstance(extra, ast.Dict):
        named = {
            key.value: value
            for key, value in zip(extra.keys, extra.values, strict=True)
            if isinstance(key, ast.Constant)
        }
    for value in (given.get("description"), named.get(UNIT)):
        if isinstance(value, ast.Constant):
            yield str(value.value)
