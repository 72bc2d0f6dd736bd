"""Where expressions find names.

In: values by name. Out: `Scope`, a dict with a parent. A call's outputs are names with a dot: `scope["align.bam"]`.
"""

from __future__ import annotations

from pysprocket.values.model import Value


class Scope(dict[str, Value]):
    """Names with their values; a name that is not here is looked for in the parent.

    Only `scope[name]` looks in the parent; `in`, `get`, `len` and iteration see the names of this scope alone.

    Raises:
        KeyError: by `scope[name]`, when no scope up to the root has the name.
    """

    __slots__ = ("parent",)

    def __init__(self, parent: Scope | None = None) -> None:
        super().__init__()
        self.parent = parent

    def __missing__(self, name: str) -> Value:
        if self.parent is None:
            raise KeyError(name)
        return self.parent[name]
