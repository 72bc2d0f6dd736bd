"""What stands in a template of inputs.

In: a task or workflow, and what of its inputs is to be shown. Out: `Entry` values, in the order of the document: own
inputs first, then those of calls.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from pysprocket.plan.targets import NON_LITERAL, OMITTED, REQUIRED, Target, description, open_inputs
from pysprocket.syntax import nodes
from pysprocket.types.model import Type
from pysprocket.types.typed import Input, TypedDocument, TypedWorkflow


class Shown(NamedTuple):
    """What of the inputs is shown.

    Attributes:
        nested: inputs of calls that need not be given too.
        defaults: inputs that have a default.
        non_literals: the expressions of defaults that are computed.
        signatures: types alone, of all inputs.
    """

    nested: bool = False
    defaults: bool = True
    non_literals: bool = False
    signatures: bool = False


class Entry(NamedTuple):
    """An input in a template.

    Attributes:
        key: its full name.
        value: JSON data to be kept or replaced; `OMITTED` when it is not given in the template.
        type: of the input.
        default: the text of its default; empty when there is none.
        description: lines of text of whoever wrote the document.
    """

    key: str
    value: Any
    type: Type
    default: str
    description: list[str]


def entries(target: Target, shown: Shown) -> Iterator[Entry]:
    """The inputs of a target; those that calls leave open and that must be given are always there."""
    for name, declared in target.inputs.items():
        yield from _entry(f"{target.name}.{name}", declared, target, shown)
    for path, declared, owner in open_inputs(target) if isinstance(target, TypedWorkflow) else ():
        if shown.nested or declared.required:
            yield from _entry(f"{target.name}.{path}", declared, owner, shown)


def _entry(key: str, declared: Input, owner: Target, shown: Shown) -> Iterator[Entry]:
    expression = declared.declaration.expression
    if expression is not None and not shown.defaults:
        return
    default = "" if expression is None else _source(expression, owner.document)
    value = str(declared.type) if shown.signatures else _value(declared, owner.document, shown)
    yield Entry(key, value, declared.type, default, description(owner, declared.name))


def _value(declared: Input, document: TypedDocument, shown: Shown) -> Any:
    expression, type_ = declared.declaration.expression, declared.type
    if expression is None:
        return None if type_.optional else f"{type_} {REQUIRED}"

    def computed(part: nodes.Expression) -> str:
        choice = _choice(part, document)
        if choice is not None:
            return choice
        return f"{NON_LITERAL}`{_source(part, document)}`>" if shown.non_literals else OMITTED

    if _is_literal(expression) or _choice(expression, document) is not None:
        return _data(expression, computed)
    return f"{type_} {computed(expression)}" if shown.non_literals else OMITTED


def _source(expression: nodes.Expression, document: TypedDocument) -> str:
    return " ".join(document.source.text[expression.start : expression.end].split())


def _choice(expression: nodes.Expression, document: TypedDocument) -> str | None:
    """The name of the choice that an expression such as `Color.Red` is."""
    match expression:
        case nodes.Access(target=nodes.Name(name=name), member=member) if name in document.enums:
            return member.name
    return None


def _is_literal(expression: nodes.Expression) -> bool:
    if isinstance(expression, nodes.String):
        return expression.text is not None
    return isinstance(expression, (nodes.Literal, nodes.Array, nodes.Pair, nodes.Map, nodes.Struct))


def _data(expression: nodes.Expression, computed: Callable[[nodes.Expression], str]) -> Any:
    """The JSON data that an expression of literals means; `computed` gives what stands for every other part."""
    if not _is_literal(expression):
        return computed(expression)
    match expression:
        case nodes.Literal(value=value):
            return value
        case nodes.String(text=text):
            return text
        case nodes.Array(items=items):
            return [_data(item, computed) for item in items]
        case nodes.Pair(left=left, right=right):
            return {"left": _data(left, computed), "right": _data(right, computed)}
        case nodes.Map(entries=pairs):
            return {_key(_data(pair.key, computed)): _data(pair.value, computed) for pair in pairs}
        case nodes.Struct(members=members):
            return {member.name.name: _data(member.value, computed) for member in members}
    raise AssertionError(expression)


def _key(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
