"""The types of literals, strings and placeholders.

In: literal expressions, with the type wanted of them when it is known. Out: their types. One function per kind of
node, called by `expressions.ExpressionChecker.infer`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pysprocket.syntax import nodes
from pysprocket.types.coercion import Coercibility, coercible, common_type, is_key
from pysprocket.types.constants import check_keys
from pysprocket.types.findings import article, listed
from pysprocket.types.model import (
    ANY,
    BOOLEAN,
    FLOAT,
    INT,
    NONE,
    OBJECT,
    STRING,
    ArrayType,
    EnumType,
    HintsType,
    MapType,
    ObjectType,
    PairType,
    Primitive,
    StructType,
    Type,
    UnionType,
    required,
)

if TYPE_CHECKING:
    from pysprocket.types.expressions import ExpressionChecker

_LITERALS: dict[type, Type] = {bool: BOOLEAN, int: INT, float: FLOAT, type(None): NONE}
_KEYS = (Primitive, EnumType, UnionType)
_EMPTY_ARRAY = ArrayType(ANY)
_EMPTY_MAP = MapType(ANY, ANY)
_OBJECT_MAP = MapType(STRING, ANY)


def literal(checker: ExpressionChecker, node: nodes.Literal, expected: Type | None) -> Type:
    """A number, a Boolean or None."""
    return _LITERALS[type(node.value)]


def string(checker: ExpressionChecker, node: nodes.String, expected: Type | None) -> Type:
    """A string with its placeholders."""
    for part in node.parts:
        if not isinstance(part, str):
            placeholder(checker, part)
    return STRING


# --- placeholders ----------------------------------------------------------------------------------------


def placeholder(checker: ExpressionChecker, node: nodes.Placeholder) -> None:
    """Check one placeholder of a string or a command, with its options."""
    outside = checker.in_placeholder
    checker.in_placeholder = True
    type_ = checker.value(node.expression)
    if node.options:
        _options(checker, node, type_)
    else:
        _check_text(checker, node.expression, type_)
    checker.in_placeholder = outside


def is_text(type_: Type) -> bool:
    """Whether a value of this type has a text that can be put into a string."""
    return isinstance(type_, (Primitive, EnumType, UnionType))


def _check_text(checker: ExpressionChecker, expression: nodes.Expression, type_: Type) -> None:
    """Report a value that has no text: an Array has to be joined, the JSON of what else is compound is inserted."""
    if is_text(type_):
        return
    remark = f"this is {article(type_)}"
    if isinstance(type_, (StructType, MapType, ObjectType, PairType)):
        message = f"{article(type_)} cannot be put into text; its JSON is inserted"
        remedy = "name a member, or write it to a file with `write_json`"
        checker.findings.leniency("PlaceholderType", message, expression, remark, help=remedy)
        return
    items = checker.findings.text(expression, "x")
    join = f'`~{{sep=", " {items}}}`' if checker.version < (1, 1) else f'`~{{sep(", ", {items})}}`'
    message = f"{article(type_)} cannot be put into text"
    checker.findings.error("PlaceholderType", message, expression, remark, help=f"join the items: {join}")


def _options(checker: ExpressionChecker, node: nodes.Placeholder, type_: Type) -> None:
    given = {option.name: option for option in node.options}
    for option in node.options:
        given_type = checker.value(option.value)
        if required(given_type) != STRING:
            message = f"the value of `{option.name}` must be a String, and this is {article(given_type)}"
            remedy = "put it into quotes"
            checker.findings.leniency("PlaceholderOption", message, option.value, "its text is used", help=remedy)
    if "sep" in given:
        _joined(checker, node, type_)
    elif "true" in given or "false" in given:
        _chosen(checker, node, type_, given)
    else:
        _check_text(checker, node.expression, type_)


def _joined(checker: ExpressionChecker, node: nodes.Placeholder, type_: Type) -> None:
    if isinstance(type_, ArrayType):
        if not is_text(type_.item):
            message = f"`sep` joins texts, and the items are of type `{type_.item}`; the JSON of each is inserted"
            remark, remedy = f"this is {article(type_)}", "join the items of the inner arrays first"
            checker.findings.leniency("PlaceholderType", message, node.expression, remark, help=remedy)
    elif not is_text(type_):
        _check_text(checker, node.expression, type_)
    elif not isinstance(type_, UnionType):
        message = f"`sep` joins the items of an Array, and this is {article(type_)}"
        remedy = "leave out `sep`"
        checker.findings.leniency("PlaceholderOption", message, node.expression, "used as it is", help=remedy)


def _chosen(
    checker: ExpressionChecker, node: nodes.Placeholder, type_: Type, given: dict[str, nodes.PlaceholderOption]
) -> None:
    if "true" not in given or "false" not in given:
        checker.findings.error("PlaceholderOption", "`true` and `false` must both be given", node)
    if required(type_) != BOOLEAN and not isinstance(type_, UnionType):
        checker.mismatch(node.expression, type_, BOOLEAN, "a value with `true` and `false`")


# --- arrays, maps, pairs ---------------------------------------------------------------------------------


def array(checker: ExpressionChecker, node: nodes.Array, expected: Type | None) -> Type:
    """`[a, b]`: the common type of the items."""
    if not node.items:
        return _EMPTY_ARRAY
    wanted = expected.item if isinstance(expected, ArrayType) else None
    types = [checker.value(item, wanted) for item in node.items]
    return ArrayType(together(checker, node.items, types, wanted, "the items of an array"), nonempty=True)


def together(
    checker: ExpressionChecker,
    places: Sequence[nodes.Expression],
    types: Sequence[Type],
    expected: Type | None,
    what: str,
) -> Type:
    """The common type of several expressions, with a diagnostic when there is none."""
    common = types[0]
    for position, type_ in enumerate(types):
        narrowest = common_type(common, type_)
        if narrowest is None:
            return _apart(checker, places, types, expected, f"{what} must have one type", position)
        common = narrowest
    return common


def _apart(
    checker: ExpressionChecker,
    places: Sequence[nodes.Expression],
    types: Sequence[Type],
    expected: Type | None,
    message: str,
    position: int,
) -> Type:
    level = Coercibility.NO if expected is None else min(coercible(type_, expected) for type_ in types)
    if level is Coercibility.YES and expected is not None:
        return expected
    common: Type | None = expected if level is Coercibility.LENIENT else types[0]
    for type_ in () if level is Coercibility.LENIENT else types:
        common = None if common is None else common_type(common, type_, lenient=True)
    first = checker.findings.label(places[0], f"this is {article(types[0])}")
    place, remark = places[position], f"this is {article(types[position])}"
    if common is None or checker.section == "enum":
        checker.findings.error("NoCommonType", message, place, remark, first)
        return ANY
    checker.findings.leniency(
        "NoCommonType",
        f"{message}; they are made {article(common)}",
        place,
        remark,
        first,
        help='give them one type: `"~{x}"` makes a String of a number, `[x]` an Array of a value',
    )
    return common


def map_(checker: ExpressionChecker, node: nodes.Map, expected: Type | None) -> Type:
    """`{key: value}`: the common types of the keys and the values."""
    if isinstance(expected, StructType):
        keys = [entry.key.text if isinstance(entry.key, nodes.String) else None for entry in node.entries]
        if node.entries and None not in keys:
            return _map_as_struct(checker, node, expected)
    if not node.entries:
        return _EMPTY_MAP
    wanted = expected if isinstance(expected, MapType) else None
    keys_ = [entry.key for entry in node.entries]
    values = [entry.value for entry in node.entries]
    key_types = [_key(checker, key, wanted and wanted.key) for key in keys_]
    value_types = [checker.value(value, wanted and wanted.value) for value in values]
    if wanted is None or isinstance(wanted.key, _KEYS):  # else the type that is declared is at fault
        _check_key_types(checker, keys_, key_types)
    check_keys(checker, keys_)
    key = together(checker, keys_, key_types, wanted and wanted.key, "the keys of a map")
    return MapType(key, together(checker, values, value_types, wanted and wanted.value, "the values of a map"))


def _key(checker: ExpressionChecker, key: nodes.Expression, wanted: Type | None) -> Type:
    """The type of a key; a bare word that is no name was meant as a text or as the name of a member."""
    if isinstance(key, nodes.Name) and checker.scope.find(key.name) is None and key.name not in checker.outputs:
        message = f"there is no `{key.name}` here, and the keys of a map are expressions"
        remedy = f'write `"{key.name}"` for a text, and `object {{…}}` or `Name {{…}}` for a struct with such members'
        checker.findings.error("UnknownName", message, key, help=remedy)
        checker.types[key] = ANY
        return ANY
    return checker.value(key, wanted)


def _map_as_struct(checker: ExpressionChecker, node: nodes.Map, target: StructType) -> Type:
    """A map literal where a struct is wanted: its values need no common type, so they stay what they are."""
    members = []
    for entry in node.entries:
        assert isinstance(entry.key, nodes.String)
        checker.infer(entry.key)
        members.append((entry.key.text or "", entry.key, entry.value))
    check_members(checker, node, target, members)
    return _OBJECT_MAP


def _check_key_types(checker: ExpressionChecker, keys: Sequence[nodes.Expression], types: Sequence[Type]) -> None:
    for key, type_ in zip(keys, types, strict=True):
        if not isinstance(type_, _KEYS):
            message = f"the key of a map cannot be {article(type_)}"
            report = checker.findings.leniency if is_key(type_) else checker.findings.error
            report("MapKeyType", message, key, help="use Strings as keys, made with placeholders")


def pair(checker: ExpressionChecker, node: nodes.Pair, expected: Type | None) -> Type:
    """`(left, right)`."""
    if isinstance(expected, PairType):
        return PairType(checker.value(node.left, expected.left), checker.value(node.right, expected.right))
    return PairType(checker.value(node.left), checker.value(node.right))


# --- structs and objects ---------------------------------------------------------------------------------


def struct(checker: ExpressionChecker, node: nodes.Struct, expected: Type | None) -> Type:
    """`Person {…}` or `object {…}`."""
    members = [(member.name.name, member.name, member.value) for member in node.members]
    if node.name is None:
        if isinstance(expected, StructType):
            check_members(checker, node, expected, members)
        else:
            for _, _, value in members:
                checker.value(value)
        return OBJECT
    target = checker.document.structs.get(node.name.name)
    if target is None:
        for _, _, value in members:
            checker.value(value)
        if checker.unknown:
            return ANY
        known = checker.findings.suggestion(node.name.name, checker.document.structs)
        checker.findings.error("UnknownType", f"there is no struct `{node.name.name}`", node.name, help=known)
        return ANY
    check_members(checker, node, target, members)
    return target


def check_members(
    checker: ExpressionChecker,
    node: nodes.Expression,
    target: StructType,
    members: Sequence[tuple[str, nodes.Node, nodes.Expression]],
) -> None:
    """Check the members given in a literal against those of a struct: unknown, twice, missing, ill-typed."""
    wanted = dict(target.members)
    seen: dict[str, nodes.Node] = {}
    meant: set[str | None] = set()
    for name, place, value in members:
        if name in seen:
            first = checker.findings.label(seen[name], "first given here")
            checker.findings.error("DuplicateKey", f"the member `{name}` is given twice", place, "again here", first)
        seen[name] = place
        if name in wanted:
            checker.coerce(value, wanted[name], f"the member `{name}` of `{target.name}`")
        else:
            checker.value(value)
            remedy = checker.findings.suggestion(name, wanted)
            meant.add(remedy)
            remedy = remedy or f"its members are {listed(wanted)}"
            checker.findings.error("UnknownMember", f"`{target.name}` has no member `{name}`", place, help=remedy)
    missing = [name for name, type_ in target.members if name not in seen and not type_.optional]
    missing = [name for name in missing if f"did you mean `{name}`?" not in meant]
    if missing:
        message = f"{article(target.name)} needs {listed(missing)}"
        place = node.name if isinstance(node, nodes.Struct) and node.name else node
        checker.findings.error("MissingMember", message, place, help="only optional members can be left out")


def hints(checker: ExpressionChecker, node: nodes.HintsValue, expected: Type | None) -> Type:
    """`hints {…}`, `input {…}` or `output {…}`; the parser takes them in a hints section only."""
    for member in node.members:
        checker.value(member.value)
    return HintsType(node.kind)
