"""The enums that a document defines.

In: `EnumDefinition` nodes. Out: `EnumType`s, made visible in `TypeNames`. Source: WDL specification 1.3,
"Enumeration Types": values are literals, all of the type that is written or of one common type; without values the
value of a choice is its name.
"""

from __future__ import annotations

from pysprocket.syntax import nodes
from pysprocket.types.expressions import ExpressionChecker
from pysprocket.types.literals import together
from pysprocket.types.model import ANY, FLOAT, STRING, ArrayType, EnumType, MapType, PairType, StructType, Type
from pysprocket.types.structs import TypeNames


def define_enum(checker: ExpressionChecker, names: TypeNames, definition: nodes.EnumDefinition) -> None:
    """Check an enum and make it visible."""
    choices = _choices(checker, definition)
    outside, checker.section = checker.section, "enum"
    value_type = _value_type(checker, names, definition, choices)
    checker.section = outside
    values = []
    for choice in choices:
        values.append((choice.name.name, choice.name.name))
        if choice.value is not None:
            values[-1] = (choice.name.name, _constant(checker, choice.value, value_type))  # type: ignore[assignment]
    name = definition.name.name
    explicit = definition.type is not None
    type_ = EnumType(name, value_type, tuple(values), original=name, explicit=explicit)
    names.define(name, type_, definition.name)


def _choices(checker: ExpressionChecker, definition: nodes.EnumDefinition) -> list[nodes.Choice]:
    seen: dict[str, nodes.Choice] = {}
    for choice in definition.choices:
        if choice.name.name in seen:
            first = checker.findings.label(seen[choice.name.name].name, "first defined here")
            message = f"the choice `{choice.name.name}` is defined twice"
            checker.findings.error("DuplicateName", message, choice.name, "again here", first)
        else:
            seen[choice.name.name] = choice
    if not seen:
        checker.findings.error("EmptyEnum", "an enum needs at least one choice", definition.name)
    return list(seen.values())


def _value_type(
    checker: ExpressionChecker, names: TypeNames, definition: nodes.EnumDefinition, choices: list[nodes.Choice]
) -> Type:
    written = None if definition.type is None else names.resolve(definition.type)
    bare = [choice for choice in choices if choice.value is None]
    values = [choice.value for choice in choices if choice.value is not None]
    if written is not None:
        for choice in choices:
            if choice.value is not None:
                label = checker.findings.label(definition.type or definition, "wanted because of this")
                checker.coerce(choice.value, written, f"the value of `{choice.name.name}`", label)
    else:
        types = [checker.value(value) for value in values]
        written = together(checker, values, types, None, "the values of an enum") if values else STRING
    if bare and written not in {STRING, ANY}:
        message = f"`{bare[0].name.name}` needs a value of type `{written}`, as the other choices have one"
        checker.findings.error("EnumValue", message, bare[0].name, help="only Strings can be left out")
    return written


def _constant(checker: ExpressionChecker, node: nodes.Expression, type_: Type) -> object:
    """The value of a literal, fit for hashing (see `EnumType`); anything else is a mistake."""
    if isinstance(node, nodes.Literal):
        return float(node.value) if type_ == FLOAT and isinstance(node.value, int) else node.value
    if isinstance(node, nodes.String) and node.text is not None:
        return node.text
    if isinstance(node, nodes.Array):
        item = type_.item if isinstance(type_, ArrayType) else ANY
        return tuple(_constant(checker, value, item) for value in node.items)
    if isinstance(node, nodes.Pair):
        left, right = (type_.left, type_.right) if isinstance(type_, PairType) else (ANY, ANY)
        return _constant(checker, node.left, left), _constant(checker, node.right, right)
    if isinstance(node, nodes.Map):
        key, value = (type_.key, type_.value) if isinstance(type_, MapType) else (ANY, ANY)
        return tuple(
            (_constant(checker, entry.key, key), _constant(checker, entry.value, value)) for entry in node.entries
        )
    if isinstance(node, nodes.Struct):
        members = dict(type_.members) if isinstance(type_, StructType) else {}
        return tuple(
            (member.name.name, _constant(checker, member.value, members.get(member.name.name, ANY)))
            for member in node.members
        )
    message = "the value of a choice must be a literal"
    checker.findings.error("EnumValue", message, node, help="write the value itself: no name, operator or placeholder")
    return None
