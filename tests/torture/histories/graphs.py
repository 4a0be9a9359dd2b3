"""Directed graphs: their strongly connected components, and what can be reached from where."""

from collections.abc import Hashable, Iterator, Mapping
from typing import TypeVar

V = TypeVar("V", bound=Hashable)
Graph = Mapping[V, set[V]]


def circles(graph: Graph[V]) -> Iterator[set[V]]:
    """The strongly connected components of more than one vertex, by Tarjan's algorithm (1972), without recursion."""
    index: dict[V, int] = {}
    low: dict[V, int] = {}
    stack: list[V] = []
    on_stack: set[V] = set()
    for root in graph:
        if root in index:
            continue
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        work = [(root, iter(graph.get(root, ())))]
        while work:
            vertex, edges = work[-1]
            for target in edges:
                if target not in index:
                    index[target] = low[target] = len(index)
                    stack.append(target)
                    on_stack.add(target)
                    work.append((target, iter(graph.get(target, ()))))
                    break
                if target in on_stack:
                    low[vertex] = min(low[vertex], index[target])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[vertex])
                if low[vertex] == index[vertex]:
                    component = _popped(stack, on_stack, vertex)
                    if len(component) > 1:
                        yield component


def _popped(stack: list[V], on_stack: set[V], vertex: V) -> set[V]:
    component: set[V] = set()
    while vertex not in component:
        component.add(stack.pop())
    on_stack -= component
    return component


def leads(graph: Graph[V], start: V, end: V) -> bool:
    """Whether there is a way from one vertex to another."""
    seen, waiting = {start}, [start]
    while waiting:
        for target in graph.get(waiting.pop(), ()):
            if target == end:
                return True
            if target not in seen:
                seen.add(target)
                waiting.append(target)
    return False
