"""What structs of settings are made of.

In: nothing. Out: `Section`, the base of all tables; `BackendSettings`, the base of a backend's; and the kinds of values
that are more than their type: paths, sizes, time spans, secrets. A field is a key, its docstring entry under
`Attributes:` is what `sprocket config default`, the JSON Schema and the reference page say of it.
"""

from typing import Annotated, Any

import msgspec

from pysprocket.config.secrets import Secret

PATH = {"kind": "path"}
PathSetting = Annotated[str, msgspec.Meta(extra=PATH)]
"""A path, relative to the directory of its file; `~` and `$VARIABLE` are replaced, and `$$`, which is a `$`.

"system" is the user's cache.
"""

PROGRAM = {"kind": "program"}
ProgramSetting = Annotated[str, msgspec.Meta(extra=PROGRAM)]
"""The name of a program, looked up in `PATH`; what has a `/` in it is a path, as above."""


def written_path(path: str) -> str:
    """A path as it stands in a file, where it means itself."""
    return path.replace("$", "$$")


def depends_on_directory(path: str | None) -> bool:
    """Whether a path of settings starts at the current directory, as only one that nobody set does."""
    return path is not None and path != "system" and not path.startswith(("/", "~", "$"))


TIME_SPAN = {"kind": "time span"}
TimeSpan = Annotated[str | float | int, msgspec.Meta(extra=TIME_SPAN)]
"""Seconds, or a text such as "30 s"."""

SIZE = {"kind": "size"}
Size = Annotated[str | int, msgspec.Meta(extra=SIZE)]
"""Bytes, or a text such as "96 GB"."""

SECRET = {"kind": "secret"}
SecretSetting = Annotated[Secret, msgspec.Meta(extra=SECRET)]
"""A text, `{ env = "NAME" }` or `{ file = "path" }`; never shown."""

Capacity = Annotated[int, msgspec.Meta(ge=1)]
"""How many of something, at least one."""


def example(value: Any) -> msgspec.Meta:
    """What stands for a setting without default in the file of defaults, and in the JSON Schema."""
    return msgspec.Meta(examples=[value])


BASE_URL = msgspec.Meta(extra_json_schema={"pattern": r"^[hH][tT][tT][pP][sS]?://[^\s/?#][^\s?#]*$"})
"""What the JSON Schema can say of the URL of a server behind which paths are put."""

MAY_BE_EMPTY = msgspec.Meta(extra={"empty": "unset"})
"""Marks a key whose empty text is as if it were not set."""

NO_EFFECT = msgspec.Meta(extra={"effect": "none"})
"""Marks a key that is accepted so that files written for Sprocket load, though nothing reads it yet."""


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base of all tables: an unknown key is a mistake."""


class BackendSettings(Section, frozen=True, kw_only=True):
    """Base of the settings of all backends.

    Attributes:
        max_scatter_concurrency: how many elements of one scatter are under way at the same time; unless set,
            `run.workflow.scatter.concurrency`
    """

    max_scatter_concurrency: Annotated[Capacity, example(200)] | None = None


def required(struct: type[Section]) -> list[str]:
    """The keys that a table must have."""
    names, defaults = struct.__struct_fields__, struct.__struct_defaults__
    ordered = names[: len(names) - len(defaults)]
    given = dict(zip(names[len(names) - len(defaults) :], defaults, strict=True))
    return [*ordered, *(name for name, default in given.items() if default is msgspec.NODEFAULT)]
