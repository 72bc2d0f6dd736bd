"""Values that are not known before a run, and scopes that find out.

In: functions that make values. Out: `View`, a scope that makes the value of a name when somebody asks for it, and
`Unknown`, which is raised for what waits for a job or a file and passes all expressions up to whoever asked.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeAlias

import msgspec

from pysprocket.engine.downloads import FetchNeeded
from pysprocket.errors import EvaluationError
from pysprocket.source.uris import redacted
from pysprocket.values.model import Value
from pysprocket.values.scope import Scope

Maker: TypeAlias = Callable[[], Value]
"""Gives the value of a name."""


class Reason(msgspec.Struct, frozen=True):
    """What a value waits for.

    Attributes:
        kind: the end of a call, an item of a scatter, or a file that is to be fetched.
        what: the id of the call, the variable of the scatter, the URL.
        path: of the call, which is the same for all items of a scatter.
    """

    kind: Literal["call", "item", "file"]
    what: str
    path: str = ""

    def folded(self) -> Reason:
        """The same for all items of a scatter."""
        return msgspec.structs.replace(self, what=self.path) if self.path else self

    def __str__(self) -> str:
        match self.kind:
            case "call":
                return f"after `{self.what}`"
            case "item":
                return f"it depends on `{self.what}`"
            case _:
                return f"`{self.what}` is not fetched"


class Doubt(msgspec.Struct, frozen=True):
    """Why it is not known whether, or how often, something is reached."""

    about: Literal["condition", "items"]
    reason: Reason

    def folded(self) -> Doubt:
        """The same for all items of a scatter."""
        return Doubt(self.about, self.reason.folded())

    def __str__(self) -> str:
        subject = "condition" if self.about == "condition" else "number of items"
        return f"{subject} not known ({self.reason})"


class Unknown(BaseException):
    """A value that is not known before the run; no `Exception`, so that no expression takes it for a failure."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


class View(Scope):
    """Names of a frame or a task; a value is made by its source when it is first asked for."""

    __slots__ = ("failed", "sources")

    def __init__(self, parent: Scope | None = None) -> None:
        super().__init__(parent)
        self.sources: dict[str, Maker] = {}
        self.failed: dict[str, Unknown | EvaluationError] = {}

    def __missing__(self, name: str) -> Value:
        if name in self.failed:
            raise self.failed[name].with_traceback(None)
        source = self.sources.get(name)
        if source is None:
            return super().__missing__(name)
        try:
            value = self[name] = source()
        except (Unknown, EvaluationError) as failure:
            self.failed[name] = failure
            raise
        return value


def known(evaluation: Maker) -> Value:
    """What an evaluation gives; a file that would have to be fetched makes it unknown."""
    try:
        return evaluation()
    except FetchNeeded as needed:
        raise Unknown(Reason("file", redacted(needed.url))) from None
