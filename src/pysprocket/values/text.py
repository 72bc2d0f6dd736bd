"""WDL values as text: in placeholders, and in messages.

In: values. Out: `to_text`, what a placeholder inserts; `shown`, which has a text for arrays and structs too; `as_wdl`,
what a document would write; and `quote`, `kind` and `did_you_mean` for error messages. Source: WDL specification,
"Expression Placeholders": a Float has six decimals, None is nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from pysprocket.errors import EvaluationError
from pysprocket.nearest import nearest
from pysprocket.values.model import EnumValue, HintsValue, Pair, StructValue, Value

_LONGEST_QUOTE = 60


def to_text(value: Value) -> str:
    """What `~{value}` inserts.

    Raises:
        EvaluationError: a compound value, which has no text.
    """
    if type(value) is str:
        return value
    if type(value) is int:
        return str(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.6f}"
    if isinstance(value, (str, int)):
        return str(value)
    raise EvaluationError(f"{kind(value)} has no text: {quote(value)}", help="join an array with `sep`, name a member")


def shown(value: Value) -> str:
    """A value as text, whatever it is: an array, a map or a struct as JSON."""
    if isinstance(value, (list, dict, Pair)):
        return json.dumps(_plain(value), ensure_ascii=False)
    return to_text(value)


def as_wdl(value: Value) -> str:
    """A value as a document would write it, for people."""
    if isinstance(value, EnumValue):
        return f"{value.enum}.{value}"
    if value is None:
        return "None"
    if isinstance(value, Pair):
        return f"({as_wdl(value.left)}, {as_wdl(value.right)})"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(as_wdl, value))}]"
    if isinstance(value, dict):
        return _members(value)
    return json.dumps(value, ensure_ascii=False)


def _members(value: dict[Value, Value]) -> str:
    """A map has keys of any type, all else names."""
    is_map = type(value) is dict
    members = ", ".join(f"{as_wdl(key) if is_map else key}: {as_wdl(item)}" for key, item in value.items())
    if is_map:
        return f"{{{members}}}"
    name = value.name if isinstance(value, StructValue) else "hints" if isinstance(value, HintsValue) else "object"
    return f"{name} {{{members}}}"


def kind(value: Value) -> str:
    """The sort of a value for a message: "an Int", "a Map"."""
    if value is None:
        return "None"
    if isinstance(value, StructValue):
        return f"a struct {value.name}"
    name = _KINDS.get(type(value)) or type(value).__name__
    return f"an {name}" if name[0] in "AIO" else f"a {name}"


_KINDS = {
    bool: "Boolean",
    int: "Int",
    float: "Float",
    str: "String",
    list: "Array",
    dict: "Map",
    EnumValue: "choice of an enum",
}


def quote(value: Value) -> str:
    """A value as a message shows it: text in quotes, long ones shortened."""
    if value is None:
        return "None"
    text = json.dumps(_plain(value), ensure_ascii=False)
    return text if len(text) <= _LONGEST_QUOTE else text[: _LONGEST_QUOTE - 1] + "…"


def did_you_mean(name: Value, known: Iterable[Value]) -> str:
    """`; did you mean …` with the known name that is nearest, or nothing."""
    if not isinstance(name, str):
        return ""
    near = nearest(name, (other for other in known if isinstance(other, str)))
    return f"; did you mean `{near[0]}`?" if near else ""


def _plain(value: Value) -> object:
    if isinstance(value, Pair):
        return {"left": _plain(value.left), "right": _plain(value.right)}
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value
