"""Names and what they stand for, and which statement needs which.

In: bindings as declarations, calls and blocks come by. Out: `Scope`, where a name is looked up from the inside out;
each look-up also notes that the statement being checked needs the one that was found, so that the order of
evaluation and cycles come for free (`order`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeVar

from pysprocket.syntax import nodes
from pysprocket.types.model import Type

N = TypeVar("N", bound=nodes.Node)
_MOST_CYCLES = 20  # more are not reported


class Binding:
    """What a name stands for.

    Args:
        name: where it is defined, for messages.
        type_: its type, or None when `resolve` gives it on demand (what a scatter exports depends on its expression).
        statement: the statement of its scope that must be evaluated first; None for a scatter variable.
    """

    __slots__ = ("name", "resolve", "statement", "type_")

    def __init__(
        self,
        name: nodes.Identifier,
        type_: Type | None,
        statement: nodes.Node | None,
        resolve: Callable[[], Type] | None = None,
    ) -> None:
        self.name = name
        self.type_ = type_
        self.statement = statement
        self.resolve = resolve

    @property
    def type(self) -> Type:
        """The type, found out now if it was not known."""
        if self.type_ is None:
            assert self.resolve is not None
            self.type_ = self.resolve()
        return self.type_


class Scope:
    """Names of one section or block, and a parent to ask for others.

    Attributes:
        current: the statement of this scope that is being checked, the one that needs what is looked up.
        needs: for each statement the statements of this scope that it refers to, with the first place.
    """

    __slots__ = ("current", "names", "needs", "parent")

    def __init__(self, parent: Scope | None = None) -> None:
        self.parent = parent
        self.names: dict[str, Binding] = {}
        self.current: nodes.Node | None = None
        self.needs: dict[nodes.Node, dict[nodes.Node, nodes.Node]] = {}

    def find(self, name: str) -> Binding | None:
        """What a name stands for here or further out, without noting a need."""
        scope: Scope | None = self
        while scope is not None:
            binding = scope.names.get(name)
            if binding is not None:
                return binding
            scope = scope.parent
        return None

    def look_up(self, name: str, place: nodes.Node) -> Binding | None:
        """What a name stands for here or further out; `place` is where it is mentioned."""
        scope: Scope | None = self
        while scope is not None:
            binding = scope.names.get(name)
            if binding is not None:
                if scope.current is not None and binding.statement is not None:
                    scope.needs.setdefault(scope.current, {}).setdefault(binding.statement, place)
                return binding
            scope = scope.parent
        return None

    def visible(self) -> Iterator[str]:
        """All names that can be seen from here."""
        scope: Scope | None = self
        while scope is not None:
            yield from scope.names
            scope = scope.parent


def order(statements: Iterable[N], needs: Mapping[N, Iterable[N]]) -> tuple[list[N], list[list[N]]]:
    """The statements with each after those it needs, and the first cycles (each found once, in the order of need)."""
    done: list[N] = []
    cycles: list[list[N]] = []
    state: dict[N, bool] = {}  # False while on the path, True when done
    for root in statements:
        if root in state:
            continue
        state[root] = False
        path = [root]
        todo = [iter(needs.get(root, ()))]
        while path:
            for needed in todo[-1]:
                if needed not in state:
                    state[needed] = False
                    path.append(needed)
                    todo.append(iter(needs.get(needed, ())))
                    break
                if not state[needed] and len(cycles) < _MOST_CYCLES:
                    cycles.append(path[path.index(needed) :])
            else:
                todo.pop()
                finished = path.pop()
                state[finished] = True
                done.append(finished)
    return done, cycles
