"""Where an error comes from: the frames of the project's own code, above those of the engine and of libraries."""

import inspect
import sysconfig
from collections.abc import Callable, Iterator
from pathlib import Path
from traceback import walk_tb
from types import FrameType
from typing import Any, Final

SHOWN: Final = 3  # frames of the project's code, the deepest ones
ENGINE: Final = __name__.partition(".")[0]
FOREIGN: Final = tuple({str(Path(sysconfig.get_path(name)).resolve()) for name in ("stdlib", "purelib", "platlib")})


def places_of(error: Exception, function: Callable[..., Any] | None) -> list[str]:
    """The places of an error, the deepest last: the frames in the project's code, and where it was raised.

    `function` is the projector or reaction that the engine was applying. It stands first where no frame of the project
    is left, as when the engine writes the rows that it returned.
    """
    frames = list(walk_tb(error.__traceback__))
    own = [_place(frame, line) for frame, line in frames if _is_own(frame)][-SHOWN:] or list(_declared(function))
    raised = [_place(*frames[-1])] if frames else []
    return [*own, *(place for place in raised if place not in own)]


def _place(frame: FrameType, line: int) -> str:
    return f"{frame.f_globals.get('__name__')}, line {line}, in {frame.f_code.co_name}"


def _is_own(frame: FrameType) -> bool:
    if str(frame.f_globals.get("__name__")).partition(".")[0] == ENGINE:
        return False
    return not str(Path(frame.f_code.co_filename).resolve()).startswith(FOREIGN)


def _declared(function: Callable[..., Any] | None) -> Iterator[str]:
    code = getattr(inspect.unwrap(function), "__code__", None) if function else None
    if function and code:
        yield f"{function.__module__}, line {code.co_firstlineno}, in {function.__name__}: what it returned was written"
