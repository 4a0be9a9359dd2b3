"""Who emits what: read in the source of deciders, reactions and due tasks, as nobody declares it.

A message counts if the function names its class where it makes one: not in a pattern, an annotation or `isinstance`.
The functions that it calls are followed within their package; of `match command`, the cases of other commands are left
out.
The annotation of what is returned narrows what is found, and stands in for it where the source does not tell.
"""

import ast
import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from types import FunctionType, ModuleType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from eventstore.decider import handlers
from eventstore.due import tasks
from eventstore.evolution.source import definition_of, module_of, outline_of, value_of
from eventstore.messages import MessageType, commands
from eventstore.projecting.declaration.registry import reactions

Noun = Literal["event", "command"]

_NOT_READ = ("annotation", "returns", "decorator_list", "type_params", "ctx")


def emissions() -> dict[str, frozenset[str]]:
    """The stored names of the events that each command may lead to, by the command's; one without rules is left out."""
    named = {kind.name: handlers.get(kind.cls) for kind in commands.values()}
    return {name: made_by(handler.decide, "event", commands[name].cls) for name, handler in named.items() if handler}


def senders() -> dict[str, frozenset[str]]:
    """The stored names of the commands that each reaction and each due task sends, by the name of its actor."""
    sending = {each.actor: each.function for each in reactions.values()}
    sending |= {each.actor: each.find for each in tasks.values()}
    return {actor: made_by(function, "command") for actor, function in sending.items()}


def made_by(function: Callable[..., Any], noun: Noun, given: type[Any] | None = None) -> frozenset[str]:
    """The stored names of the messages that a function yields or returns; `given` is the class of its last argument."""
    declared = _annotated(function, noun)
    reading = Reading(noun)
    try:
        reading.read(function, given)
        gives = any(map(_gives, ast.walk(_definition_of(function))))
    except (OSError, KeyError, TypeError, SyntaxError, AttributeError):
        return declared or frozenset()
    found = frozenset(reading.found)
    if declared is None:
        return found
    return found & declared or (declared if gives else frozenset())


@dataclass
class Reading:
    """Reads functions, and what they lead to, for the messages that they make."""

    noun: Noun
    found: set[str] = field(default_factory=set)
    seen: set[Any] = field(default_factory=set)

    def read(self, function: Callable[..., Any], given: type[Any] | None = None) -> None:
        """Add what a function makes; raises OSError if its source is not at hand."""
        definition = _definition_of(function)
        arguments = [*definition.args.posonlyargs, *definition.args.args]
        command = arguments[-1].arg if arguments and given else None
        body = [definition.body] if isinstance(definition, ast.Lambda) else definition.body
        self._read(body, module_of(function), command, given)

    def _read(self, nodes: Sequence[ast.AST], module: ModuleType, command: str | None, given: Any) -> None:
        for node in nodes:
            for found in _nodes(node, module, command, given):
                self._follow(found, module)

    def _follow(self, node: ast.expr, module: ModuleType) -> None:
        value = value_of(node, module)
        if kind := _message(value):
            self.found |= {kind.name} if kind.noun == self.noun else set()
        elif isinstance(value, FunctionType) and _package(value.__module__) == _package(module.__name__):
            if value not in self.seen:
                self.seen.add(value)
                self.read(value)
        elif isinstance(node, ast.Name) and not _is_union(value):
            self._constant(node.id, module)

    def _constant(self, name: str, module: ModuleType) -> None:
        """What a constant of the module is made of, such as a table of classes."""
        if (module.__name__, name) in self.seen:
            return
        self.seen.add((module.__name__, name))
        given = [node for node in outline_of(module).definitions.get(name, []) if isinstance(node, ast.Assign)]
        self._read([node.value for node in given], module, None, None)


def _definition_of(function: Callable[..., Any]) -> ast.FunctionDef | ast.Lambda:
    """The definition of a function, or of a lambda that is alone on its line. Raises OSError if it can't be told."""
    if getattr(function, "__name__", "") != "<lambda>":
        return definition_of(function)
    line, tree = function.__code__.co_firstlineno, outline_of(module_of(function)).tree
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Lambda) and node.lineno == line]
    if len(found) != 1:
        raise OSError(f"there are {len(found)} lambdas in line {line}")
    return found[0]


def _nodes(node: ast.AST, module: ModuleType, command: str | None, given: Any) -> Iterator[ast.expr]:
    """The names within a node, without those that only look at messages, and without cases of other commands."""
    match node:
        case ast.Name() | ast.Attribute():
            yield node
        case ast.Match(subject=ast.Name(id=name), cases=cases) if name == command:
            cases = list(_cases_of(given, cases, module))
            yield from (found for case in cases for each in case.body for found in _nodes(each, module, command, given))
            return
        case ast.Call(func=ast.Name(id="isinstance"), args=[looked_at, *_]):
            yield from _nodes(looked_at, module, command, given)
            return
        case ast.pattern():
            return
    for name, part in ast.iter_fields(node):
        if name not in _NOT_READ:
            for child in part if isinstance(part, list) else [part]:
                if isinstance(child, ast.AST):
                    yield from _nodes(child, module, command, given)


def _cases_of(given: type[Any], cases: list[ast.match_case], module: ModuleType) -> Iterator[ast.match_case]:
    """The cases that a command may get to: those of its class, and those of no class unless one took it before."""
    for case in cases:
        classes = [value_of(each.cls, module) for each in ast.walk(case.pattern) if isinstance(each, ast.MatchClass)]
        if not classes or given in classes:
            yield case
        if given in classes and case.guard is None and _takes_any(case.pattern):
            return


def _takes_any(pattern: ast.pattern) -> bool:
    """Whether a pattern takes each command of its class: its parts only give names."""
    plain = (ast.MatchClass, ast.MatchAs, ast.MatchOr)
    return all(isinstance(each, plain) for each in ast.walk(pattern) if isinstance(each, ast.pattern))


def _annotated(function: Callable[..., Any], noun: Noun) -> frozenset[str] | None:
    """The names in the annotation of what a function returns; None if it names none, or leaves room for others."""
    try:
        hint = get_type_hints(inspect.unwrap(function)).get("return")
    except (NameError, TypeError, AttributeError):
        return None
    leaves = list(_leaves(hint))
    kinds = [kind for leaf in leaves if (kind := _message(leaf)) and kind.noun == noun]
    return frozenset(kind.name for kind in kinds) if kinds and Any not in leaves else None


def _leaves(hint: Any) -> Iterator[Any]:
    if inner := get_args(hint):
        for each in inner:
            yield from _leaves(each)
    else:
        yield hint


def _message(value: object) -> MessageType | None:
    kind: MessageType | None = getattr(value, "__message__", None) if isinstance(value, type) else None
    return kind


def _is_union(value: object) -> bool:
    return isinstance(value, UnionType) or get_origin(value) is Union


def _gives(node: ast.AST) -> bool:
    is_return = isinstance(node, ast.Return) and node.value is not None
    return is_return or isinstance(node, ast.Yield | ast.YieldFrom | ast.Lambda)


def _package(module: str) -> str:
    return module.partition(".")[0]
