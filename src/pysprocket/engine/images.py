"""Container images of a task that the place where it runs cannot use.

In: the candidates that a task names, the `ImageSupport` of a backend, and where the names are from. Out:
`RefusedImages`, which tells it before a run, or when the task starts. Candidates that are not supported are passed over
as long as there is another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import msgspec

from pysprocket.backends.protocols import ImageSupport
from pysprocket.errors import UnsupportedImageError
from pysprocket.source.diagnostic import Label
from pysprocket.types.attributes import ALIASES

_DEFAULT = "`run.task.container`"


class RefusedImages(msgspec.Struct, frozen=True):
    """Candidates of which the backend runs none.

    Attributes:
        origin: where they are from if not from the document: goes after their names.
    """

    key: ClassVar[str] = "container"

    images: tuple[str, ...]
    support: ImageSupport
    origin: str

    @property
    def asked(self) -> str:
        """The images, for people."""
        return " or ".join(f"`{image}`" for image in self.images)

    def error(self, labels: Sequence[Label] = ()) -> UnsupportedImageError:
        """That the task cannot run."""
        flaws = [flaw for image in self.images if (flaw := self.support.flaw(image)) is not None]
        best = next((flaw for flaw in flaws if flaw.meant), flaws[0])
        remedy = best.remedy
        if _DEFAULT in self.origin and not best.meant:
            remedy = f"set {_DEFAULT} to another image, or give the task a `container`; {remedy}"
        return UnsupportedImageError(self.support.refusal(self.images, self.origin), help=remedy, labels=labels)


def refused(
    images: tuple[str, ...],
    support: ImageSupport | None,
    value: object,
    overrides: Mapping[str, Mapping[str, Any]],
    prefix: str,
) -> RefusedImages | None:
    """What is refused of a task; None when it names an image that the place runs, or the place has no containers.

    Args:
        images: the candidates.
        support: of the place.
        value: of the requirement `container`, None where the task has none.
        overrides: what was given from outside.
        prefix: of the keys of these, such as "workflow.call.".
    """
    if support is None or support.runnable(images):
        return None
    return RefusedImages(images, support, _origin(value, overrides, prefix))


def container_of(values: Mapping[str, object]) -> object:
    """The value of the requirement `container` under whatever name it has; None when it has none."""
    return {ALIASES.get(name, name): value for name, value in values.items()}.get("container")


def _origin(value: object, overrides: Mapping[str, Mapping[str, Any]], prefix: str) -> str:
    items = value if isinstance(value, list) else [value]
    if any(item is None or str(item).strip() == "*" for item in items):
        return f" (of {_DEFAULT})" if len(items) == 1 else f" (`*` is {_DEFAULT})"
    for section in ("requirements", "runtime"):
        for key in overrides.get(section, {}):
            if ALIASES.get(key, key) == "container":
                return f" (given as `{prefix}{section}.{key}`)"
    return ""
