"""Types as written, and the structs and enums that a document can name.

In: `TypeExpression` nodes, the definitions of a document and what its imports bring. Out: `TypeNames`, which turns
a written type into a `Type` and holds the structs and enums that are visible. Source: WDL specification, "Struct
Definition", "Enumeration Types", "Import Statements".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from msgspec.structs import replace

from pysprocket.source.diagnostic import Label
from pysprocket.syntax import nodes
from pysprocket.syntax.habits import TYPES
from pysprocket.types.coercion import is_key, same_shape
from pysprocket.types.findings import Findings, article
from pysprocket.types.metadata import check_member_meta
from pysprocket.types.model import (
    ANY,
    OBJECT,
    PRIMITIVES,
    ArrayType,
    EnumType,
    MapType,
    PairType,
    Primitive,
    StructType,
    Type,
    UnionType,
    optional,
)
from pysprocket.types.typed import TypedDocument

_ARITIES = {"Array": 1, "Map": 2, "Pair": 2}
_DEEPEST = 50
_LARGEST = 5000
_OPTIONAL = {name: optional(type_) for name, type_ in PRIMITIVES.items()}


class Visible:
    """A struct or enum that can be named, and where that comes from.

    Args:
        type_: its type under its name here.
        label: the definition, or the import that brings it.
        direct: defined in this document or in the imported one itself, not in what that imports in turn.
        definition: the definition in the imported document, where it is direct.
    """

    __slots__ = ("definition", "direct", "label", "type_")

    def __init__(
        self, type_: StructType | EnumType, label: Label, *, direct: bool, definition: Label | None = None
    ) -> None:
        self.type_ = type_
        self.label = label
        self.direct = direct
        self.definition = definition


class TypeNames:
    """The structs and enums of a document by name, and what a written type means.

    Attributes:
        incomplete: whether an import could not be had; a type that is not known may then come from there.
    """

    def __init__(self, document: TypedDocument, findings: Findings) -> None:
        self.document = document
        self.findings = findings
        self.visible: dict[str, Visible] = {}
        self.incomplete = False
        self._ambiguous: set[str] = set()
        self._told: set[str] = set()
        self._pending: dict[str, Callable[[], None]] = {}
        self._path: list[str] = []

    # --- what imports bring ---

    def add_import(self, statement: nodes.Import, imported: TypedDocument) -> None:
        """Make the structs and enums of an imported document visible, under their aliases."""
        found: dict[str, StructType | EnumType] = {**imported.structs, **imported.enums}
        names = [definition.name for definition in imported.tree.structs]
        names += [definition.name for definition in imported.tree.enums]
        own = {name.name: Label(imported.source, name.start, name.end, "defined here") for name in names}
        renamed = self._aliases(statement, found)
        copies: dict[int, Type] = {}
        for original, type_ in found.items():
            name = renamed.get(original, original)
            here = _rename(type_, renamed, copies) if renamed else type_
            old = self.visible.get(name)
            if old is not None and old.type_ is here:  # as nearly always, where a library is imported everywhere
                old.direct = old.direct or original in own
                continue
            label = self.findings.label(statement.uri, f"`{name}` comes from this import")
            self._add(name, Visible(here, label, direct=original in own, definition=own.get(original)))

    def _aliases(self, statement: nodes.Import, found: Mapping[str, Type]) -> dict[str, str]:
        renamed: dict[str, str] = {}
        for alias in statement.aliases:
            original = alias.original.name
            if original not in found:
                message = f"the imported document has no struct or enum `{original}`"
                self.findings.error(
                    "UnknownType", message, alias.original, help=self.findings.suggestion(original, found)
                )
            elif original in renamed:
                self.findings.error("DuplicateName", f"`{original}` has two aliases", alias.original, "again here")
            else:
                renamed[original] = alias.name.name
        return renamed

    def _add(self, name: str, new: Visible) -> None:
        old = self.visible.get(name)
        if old is None:
            if name not in self._ambiguous or new.direct:
                self.visible[name] = new
        elif same_shape(old.type_, new.type_):
            old.direct = old.direct or new.direct
        elif old.direct and new.direct:
            self._conflict(name, old, new)
        elif new.direct:
            self.visible[name] = new
        elif not old.direct and not same_shape(old.type_, new.type_, ordered=False):
            del self.visible[name]
            self._ambiguous.add(name)

    def _conflict(self, name: str, old: Visible, new: Visible) -> None:
        place = nodes.Node(new.label.start, new.label.end)
        message = f"two different types are called `{name}`" + difference(old.type_, new.type_)
        remedy = f"give one of them another name: `import … alias {name} as Other{name}`"
        labels = [old.label, *(label for label in (old.definition, new.definition) if label is not None)]
        same = same_shape(old.type_, new.type_, ordered=False)
        report = self.findings.leniency if same else self.findings.error
        report("ConflictingTypes", message, place, new.label.text, *labels, help=remedy)

    # --- definitions ---

    def define_all(self, define_enum: Callable[[nodes.EnumDefinition], None]) -> None:
        """Read the definitions of the document; one that another needs comes first, whatever the order of the text."""
        for name, visible in self.visible.items():
            self._publish(name, visible.type_)
        for struct in self.document.tree.structs:
            self._pending.setdefault(struct.name.name, partial(self._define_struct, struct))
        for enum in self.document.tree.enums:
            self._pending.setdefault(enum.name.name, partial(define_enum, enum))
        while self._pending:
            self._define_pending(next(iter(self._pending)))

    def _define_pending(self, name: str) -> None:
        self._path.append(name)
        self._pending.pop(name)()
        self._path.pop()

    def _define_struct(self, definition: nodes.StructDefinition) -> None:
        members: dict[str, Type] = {}
        places: dict[str, nodes.Identifier] = {}
        for member in definition.members:
            type_ = self.resolve(member.type)
            self.document.declared[member] = type_
            if member.name.name in members:
                first = self.findings.label(places[member.name.name], "first defined here")
                message = f"the member `{member.name.name}` is defined twice"
                self.findings.error("DuplicateName", message, member.name, "again here", first)
                continue
            members[member.name.name] = type_
            places[member.name.name] = member.name
        check_member_meta(self.findings, definition.parameter_meta, members)
        self._limit(definition, members)
        self.define(definition.name.name, StructType(definition.name.name, tuple(members.items())), definition.name)

    def _limit(self, definition: nodes.StructDefinition, members: dict[str, Type]) -> None:
        """Refuse a struct that holds too much: types are walked as trees, so a few doublings would take for ever."""
        extents = [_extent(type_) for type_ in members.values()]
        if sum(size for size, _ in extents) > _LARGEST:
            message = f"`{definition.name.name}` has more than {_LARGEST:,} members, with those of its members"
        elif max((depth for _, depth in extents), default=0) >= _DEEPEST:
            message = f"`{definition.name.name}` holds types nested more than {_DEEPEST} deep"
        else:
            return
        members.clear()
        self.findings.error("StructSize", message, definition.name, help="use an Object or a JSON file for such data")

    def define(self, name: str, type_: StructType | EnumType, place: nodes.Identifier) -> None:
        """Make a struct or enum of the document itself visible."""
        new = Visible(type_, self.findings.label(place, "defined here"), direct=True)
        old = self.visible.get(name)
        if old is not None and old.direct and not same_shape(old.type_, type_):
            self._conflict(name, old, new)
        self.visible[name] = new
        self._publish(name, new.type_)

    def _publish(self, name: str, type_: StructType | EnumType) -> None:
        if isinstance(type_, StructType):
            self.document.structs[name] = type_
        else:
            self.document.enums[name] = type_

    # --- written types ---

    def resolve(self, node: nodes.TypeExpression) -> Type:
        """The type that is written; ANY after a mistake."""
        if node.name in PRIMITIVES and not (node.name == "Directory" and self.names_directory()):
            return _OPTIONAL[node.name] if node.optional else PRIMITIVES[node.name]
        type_ = self._base(node)
        return optional(type_) if node.optional and not isinstance(type_, UnionType) else type_

    def _base(self, node: nodes.TypeExpression) -> Type:
        arguments = [self.resolve(argument) for argument in node.arguments]
        if len(arguments) != _ARITIES.get(node.name, 0):
            return ANY  # the parser has reported it
        if node.name == "Array":
            return ArrayType(arguments[0], node.nonempty)
        if node.name == "Map":
            return self._map(node, arguments)
        if node.name == "Pair":
            return PairType(arguments[0], arguments[1])
        return OBJECT if node.name == "Object" else self._named(node)

    def names_directory(self) -> bool:
        """Whether `Directory` is a struct: WDL 1.0 has no such type, so the name is free there."""
        known = "Directory" in self.visible or "Directory" in self._pending or "Directory" in self._path
        return known and self.document.version == (1, 0)

    def _map(self, node: nodes.TypeExpression, arguments: list[Type]) -> Type:
        key = arguments[0]
        if not isinstance(key, (Primitive, UnionType)) or key.optional:
            message = f"the key of a Map must be a primitive type that is not optional, not {article(key)}"
            report = self.findings.leniency if is_key(key) else self.findings.error
            report("MapKeyType", message, node.arguments[0], help="use Strings as keys, made with placeholders")
        return MapType(key, arguments[1])

    def _named(self, node: nodes.TypeExpression) -> Type:
        name = node.name
        if name in self._path:
            path = " → ".join(f"`{step}`" for step in [*self._path[self._path.index(name) :], name])
            self.findings.error("RecursiveStruct", f"`{name}` contains itself: {path}", node)
            return ANY
        if name in self._pending:
            if len(self._path) > _DEEPEST:
                message = f"`{self._path[0]}` holds types nested more than {_DEEPEST} deep"
                self.findings.error("StructSize", message, node, help="use an Object or a JSON file for such data")
                return ANY
            self._define_pending(name)
        visible = self.visible.get(name)
        if visible is not None:
            if not visible.direct and name not in self._told:
                self._warn_indirect(node, visible)
            return visible.type_
        if name in self._ambiguous:
            remedy = "import the document that defines it, with an alias if need be"
            self.findings.error("UnknownType", f"several imports bring a different `{name}`", node, help=remedy)
        elif not self.incomplete or name in TYPES:
            known = [*PRIMITIVES, *_ARITIES, "Object", *self.visible, *self._pending]
            meant = f"did you mean `{TYPES[name]}`?" if name in TYPES else self.findings.suggestion(name, known)
            self.findings.error("UnknownType", f"there is no type `{name}`", node, help=meant)
        return ANY

    def _warn_indirect(self, node: nodes.TypeExpression, visible: Visible) -> None:
        """Tell once that a struct or enum is known only because an import imports it."""
        self._told.add(node.name)
        message = f"`{node.name}` is not defined here or in an import, but in what an import imports"
        remedy = "import the document that defines it"
        remark = "other engines may not find it"
        self.findings.warning("IndirectType", message, node, remark, visible.label, help=remedy)


def difference(old: StructType | EnumType, new: StructType | EnumType) -> str:
    """In what two structs differ, to follow the sentence that they do; nothing for enums."""
    if not isinstance(old, StructType) or not isinstance(new, StructType):
        return ""
    first, second = dict(old.members), dict(new.members)
    for name in [*first, *second]:
        if name not in first or name not in second:
            return f": only one of them has the member `{name}`"
        if not same_shape(first[name], second[name]):
            return f": `{name}` is {article(first[name])} in one and {article(second[name])} in the other"
    return ": the order of their members differs"


def _extent(type_: Type) -> tuple[int, int]:
    """How many types a type is made of, and how deep they are nested."""
    inner: list[tuple[int, int]]
    if isinstance(type_, StructType):
        inner = [_extent(member) for _, member in type_.members]
    elif isinstance(type_, ArrayType):
        inner = [_extent(type_.item)]
    elif isinstance(type_, MapType):
        inner = [_extent(type_.key), _extent(type_.value)]
    elif isinstance(type_, PairType):
        inner = [_extent(type_.left), _extent(type_.right)]
    else:
        return 1, 1
    return 1 + sum(size for size, _ in inner), 1 + max((depth for _, depth in inner), default=0)


def _rename(type_: StructType | EnumType, names: Mapping[str, str], copies: dict[int, Type]) -> StructType | EnumType:
    result = _renamed(type_, names, copies)
    assert isinstance(result, (StructType, EnumType))
    return result


def _renamed(type_: Type, names: Mapping[str, str], copies: dict[int, Type]) -> Type:
    """A type with its structs and enums, those inside too, under other names.

    It stays the same object where no name changes; `copies` has those made so far, by the identity of the original, so
    that what many structs share is copied once.
    """
    if isinstance(type_, (StructType, EnumType)):
        copy = copies.get(id(type_))
        if copy is None:
            copy = copies[id(type_)] = _renamed_definition(type_, names, copies)
        return copy
    if isinstance(type_, ArrayType):
        item = _renamed(type_.item, names, copies)
        return type_ if item is type_.item else replace(type_, item=item)
    if isinstance(type_, MapType):
        key, value = _renamed(type_.key, names, copies), _renamed(type_.value, names, copies)
        return type_ if key is type_.key and value is type_.value else replace(type_, key=key, value=value)
    if isinstance(type_, PairType):
        left, right = _renamed(type_.left, names, copies), _renamed(type_.right, names, copies)
        return type_ if left is type_.left and right is type_.right else replace(type_, left=left, right=right)
    return type_


def _renamed_definition(type_: StructType | EnumType, names: Mapping[str, str], copies: dict[int, Type]) -> Type:
    name = names.get(type_.name, type_.name)
    if isinstance(type_, EnumType):
        value = _renamed(type_.value, names, copies)
        return type_ if name == type_.name and value is type_.value else replace(type_, name=name, value=value)
    members = tuple((member, _renamed(inner, names, copies)) for member, inner in type_.members)
    same = all(new is old for (_, new), (_, old) in zip(members, type_.members, strict=True))
    return type_ if name == type_.name and same else replace(type_, name=name, members=members)
