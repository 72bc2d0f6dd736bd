"""Container images of a task that the place where it runs cannot use.

In: the candidates that a task names, the `ImageSupport` of a backend, and where the names are from. Out:
`RefusedImages`, which tells it before a run, or when the task starts. Candidates that are not supported are passed over
as long as there is another.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import msgspec

from pysprocket.backends.protocols import NO_IMAGE, ImageSupport
from pysprocket.errors import UnsupportedImageError
from pysprocket.source.diagnostic import Label
from pysprocket.types.attributes import ALIASES

_DEFAULT = "`run.task.container`"


class ImageNeeded(Exception):  # noqa: N818 - a request, not a failure
    """The task reads as `task.container` which of several candidates is used, and that is not known yet.

    Args:
        images: the candidates.
        use: is called with the first that can be had, None when there is none.
    """

    def __init__(self, images: tuple[str, ...], use: Callable[[str | None], None]) -> None:
        super().__init__(images)
        self.images = images
        self.use = use


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
        return f"`{self.images[0]}`" if len(self.images) == 1 else "these images"

    def error(self, labels: Sequence[Label] = ()) -> UnsupportedImageError:
        """That the task cannot run."""
        flaws = [flaw for image in self.images if (flaw := self.support.flaw(image)) is not None]
        best = next((flaw for flaw in flaws if flaw.meant), flaws[0] if flaws else NO_IMAGE)
        remedy = best.remedy
        if _DEFAULT in self.origin and not best.meant:
            remedy = f"set {_DEFAULT} to an image that it runs, or give the task one"
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
