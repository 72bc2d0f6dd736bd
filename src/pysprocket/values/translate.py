"""WDL expressions as Python expressions.

In: the expressions of a typed document. Out: Python syntax trees whose positions are those of the WDL text, and the
functions compiled from them. Static types make the code direct: addition of Ints is inline with a check of the
range, an interpolation is an f-string, a member is a subscript. What needs more goes through `values.operations`.

A function has two parameters, the scope `s` and the context `c`. Errors cost nothing while all goes well: when one
comes, the traceback has the position in the WDL text.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from itertools import zip_longest
from typing import Any, TypeAlias, TypeVar

from pysprocket.syntax import nodes
from pysprocket.types.model import (
    ANY,
    BOOLEAN,
    FLOAT,
    INT,
    STRING,
    ArrayType,
    CallType,
    EnumNameType,
    MapType,
    PairType,
    Primitive,
    StructType,
    Type,
    optional,
    required,
)
from pysprocket.types.typed import TypedDocument
from pysprocket.values import literals, model, operations, python
from pysprocket.values.coerce import converter
from pysprocket.values.enums import choice
from pysprocket.values.operators import binary, unary
from pysprocket.values.placeholders import string, text
from pysprocket.values.stdlib import FUNCTIONS
from pysprocket.values.text import shown, to_text

Typed: TypeAlias = tuple[ast.expr, Type]
"""Python code, and the WDL type of what it gives."""

Located = TypeVar("Located", ast.expr, ast.stmt)

_NAMESPACE: dict[str, Any] = {
    **{name: function for name, function in vars(operations).items() if not name.startswith("_")},
    "Pair": model.Pair,
    "Object": model.Object,
    "StructValue": model.StructValue,
    "HintsValue": model.HintsValue,
    "to_text": to_text,
    "shown": shown,
}
_LONGEST_EXTRACT = 60


class Translator:
    """Translates expressions of one document; the functions it makes share one namespace.

    Attributes:
        version: the WDL version of the document.
        in_placeholder: whether the expression at hand stands in a placeholder, where `+` passes over None.
        meets_none: whether the code so far may raise `NoneError`.
        variables: WDL names that are Python variables (in the body of a compiled block) by their names there.
    """

    def __init__(self, document: TypedDocument) -> None:
        self.document = document
        self.version = document.version
        self.in_placeholder = False
        self.meets_none = False
        self.variables: dict[str, str] = {}
        self.namespace = {**_NAMESPACE, "__wdl_source__": document.source}

    # --- what the writers use ---

    def type_of(self, node: nodes.Expression) -> Type:
        """The static type of an expression."""
        return self.document.types.get(node, ANY)

    def typed(self, node: nodes.Expression, expected: Type | None = None) -> Typed:
        """The code of an expression; `expected` helps literals to make what is wanted at once."""
        code, type_ = _WRITERS[type(node)](self, node, expected)
        return self.placed(code, node), type_

    def code(self, node: nodes.Expression, expected: Type) -> ast.expr:
        """The code of an expression whose value is coerced to `expected`."""
        code, type_ = self.typed(node, None if _floats_as_text(self.type_of(node), expected) else expected)
        return self.placed(self.coerced(code, type_, expected, node), node)

    def coerced(self, code: ast.expr, source: Type, target: Type, node: nodes.Expression) -> ast.expr:
        """Code for a value of type `source` where `target` is wanted."""
        if source == INT and required(target) == FLOAT:
            if isinstance(code, ast.Constant) and isinstance(code.value, int):
                return python.constant(float(code.value))
            return python.call("float", code)
        if source.optional and not target.optional and converter(required(source), target) is None:
            return self.some(code, node)
        convert = converter(source, target)
        if convert is None:
            return code
        self.meets_none = True
        return python.call(self.held(convert), code, python.name(python.CONTEXT))

    def some(self, code: ast.expr, node: nodes.Expression) -> ast.expr:
        """Code that fails when the value of `node` is None."""
        self.meets_none = True
        extract = " ".join(self.document.source.text[node.start : node.end].split())
        shown = extract if len(extract) <= _LONGEST_EXTRACT else extract[: _LONGEST_EXTRACT - 1] + "…"
        return python.call("some", code, python.constant(shown))

    def needed(self, node: nodes.Expression) -> Typed:
        """The code of an expression that must not be None, and its type without the question mark."""
        code, type_ = self.typed(node)
        return (self.placed(self.some(code, node), node), required(type_)) if type_.optional else (code, type_)

    def held(self, value: object) -> str:
        """A name for a Python object in the namespace of the functions."""
        name = f"_{len(self.namespace)}"
        self.namespace[name] = value
        return name

    def placed(self, code: Located, node: nodes.Node) -> Located:
        """`code` with the position of `node`, if it has none yet."""
        if not hasattr(code, "lineno"):
            position = self.document.source.position
            code.lineno, column = position(node.start)
            code.end_lineno, end_column = position(node.end)
            code.col_offset, code.end_col_offset = column - 1, end_column - 1
        return code

    # --- functions ---

    def function(self, node: nodes.Expression, expected: Type | None) -> ast.expr:
        """A Python function of scope and context that gives the value of `node`."""
        self.meets_none = False
        body = self.code(node, expected or self.type_of(node))
        return self.placed(python.function(body, python.SCOPE, python.CONTEXT), node)

    def command(self, node: nodes.Command | None) -> ast.expr:
        """A Python function that gives the text of a command."""
        self.meets_none = False
        body = python.constant("") if node is None else text(self, node.parts)
        return self.placed(python.function(body, python.SCOPE, python.CONTEXT), node or self.document.tree)

    def compiled(self, functions: Sequence[ast.expr]) -> tuple[Callable[..., Any], ...]:
        """The functions as Python objects."""
        if not functions:
            return ()
        tree = ast.Expression(ast.Tuple(list(functions), ast.Load()))
        code = python.compiled(tree, self.document.source.name, "eval")
        made: tuple[Callable[..., Any], ...] = eval(code, self.namespace)  # noqa: S307 - the tree made here
        return made


# --- one writer per kind of node ---------------------------------------------------------------------------


def _name(t: Translator, node: nodes.Name, expected: Type | None) -> Typed:
    return _read(t, node.name), t.type_of(node)


def _read(t: Translator, name: str) -> ast.expr:
    if name in t.variables:
        return python.name(t.variables[name])
    return python.subscript(python.name(python.SCOPE), name)


def _access(t: Translator, node: nodes.Access, expected: Type | None) -> Typed:
    target, member = t.type_of(node.target), node.member.name
    if isinstance(target, CallType) and isinstance(node.target, nodes.Name):
        return _read(t, f"{node.target.name}.{member}"), t.type_of(node)
    if isinstance(target, EnumNameType):
        return python.name(t.held(choice(target.enum, member))), required(target.enum)
    code, type_ = t.needed(node.target)
    if isinstance(type_, StructType) and (found := type_.member(member)):
        return python.subscript(code, member), found
    if isinstance(type_, PairType):
        return python.subscript(code, ("left", "right").index(member)), t.type_of(node)
    t.meets_none = True
    return python.call("member", code, python.constant(member)), t.type_of(node)


def _index(t: Translator, node: nodes.Index, expected: Type | None) -> Typed:
    code, type_ = t.needed(node.target)
    if isinstance(type_, ArrayType):
        return python.call("item", code, t.code(node.index, INT)), type_.item
    if isinstance(type_, MapType):
        return python.call("lookup", code, t.code(node.index, type_.key)), type_.value
    return python.call("element", code, t.typed(node.index)[0]), t.type_of(node)


def _apply(t: Translator, node: nodes.Apply, expected: Type | None) -> Typed:
    name = node.function.name
    parameters = t.document.parameters.get(node, ())
    codes = [_argument(t, *each) for each in zip_longest(node.arguments, parameters[: len(node.arguments)])]
    if name == "defined":
        return python.compare(codes[0], ast.IsNot(), python.constant(None)), BOOLEAN
    if name == "length":
        return python.call("len", *codes), INT
    t.meets_none = t.meets_none or name == "select_first"
    t.namespace[f"wdl_{name}"] = FUNCTIONS[name]
    return python.call(f"wdl_{name}", python.name(python.CONTEXT), *codes), t.type_of(node)


def _argument(t: Translator, node: nodes.Expression, wanted: Type | None) -> ast.expr:
    if wanted is None:
        return t.typed(node)[0]
    if t.type_of(node) == STRING:  # a path that does not exist is a mistake, not None, where None is allowed too
        wanted = required(wanted)
    return t.code(node, wanted)


def _conditional(t: Translator, node: nodes.Conditional, expected: Type | None) -> Typed:
    type_ = expected or t.type_of(node)
    if isinstance(required(type_), Primitive) and t.in_placeholder:  # a `+` in a branch may pass over None
        type_ = optional(type_)
    condition = t.code(node.condition, BOOLEAN)
    return python.conditional(condition, t.code(node.yes, type_), t.code(node.no, type_)), type_


def _floats_as_text(source: Type, target: Type) -> bool:
    """Whether Floats become text, so that the Ints among them must be Floats before: `[1, 2.5]` has two Floats."""
    match source, target:
        case Primitive("Float"), Primitive("String"):
            return True
        case ArrayType(item=one), ArrayType(item=other):
            return _floats_as_text(one, other)
        case MapType(), MapType():
            return _floats_as_text(source.key, target.key) or _floats_as_text(source.value, target.value)
        case PairType(), PairType():
            return _floats_as_text(source.left, target.left) or _floats_as_text(source.right, target.right)
    return False


_WRITERS: dict[type, Callable[[Translator, Any, Type | None], Typed]] = {
    nodes.Literal: literals.literal,
    nodes.String: string,
    nodes.Array: literals.array,
    nodes.Pair: literals.pair,
    nodes.Map: literals.map_,
    nodes.Struct: literals.struct,
    nodes.HintsValue: literals.hints,
    nodes.Name: _name,
    nodes.Access: _access,
    nodes.Index: _index,
    nodes.Apply: _apply,
    nodes.Unary: unary,
    nodes.Binary: binary,
    nodes.Conditional: _conditional,
}
