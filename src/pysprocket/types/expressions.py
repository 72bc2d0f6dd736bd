"""The type of every expression.

In: expressions, the scope they stand in and, where known, the type wanted of them. Out: `ExpressionChecker`, which
fills `TypedDocument.types` in one pass per expression and reports what does not fit. An expression whose type is
unknown after a mistake is `ANY`, which fits everywhere, so one mistake gives one diagnostic.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from pysprocket.source.diagnostic import Label
from pysprocket.syntax import nodes
from pysprocket.types import applications, literals, names, operators
from pysprocket.types.coercion import Coercibility, coercible
from pysprocket.types.findings import Findings, article, listed
from pysprocket.types.model import (
    ANY,
    BOOLEAN,
    FLOAT,
    INT,
    STRING,
    ArrayType,
    CallType,
    EnumNameType,
    EnumType,
    MapType,
    PairType,
    StructType,
    TaskVariableType,
    Type,
    UnionType,
    required,
)
from pysprocket.types.scope import Scope
from pysprocket.types.structs import difference
from pysprocket.types.typed import TypedDocument

NOT_VALUES = (CallType, EnumNameType, TaskVariableType)


class ExpressionChecker:
    """Types the expressions of one document.

    Attributes:
        scope: where names are looked up; whoever walks the document sets it.
        section: where the expression stands: "body", "command", "output", "requirements", "runtime", "hints" of a
            task, "workflow", or "enum": the values of choices are constants, which nothing converts.
        in_placeholder: whether `+` lifts over None.
        outputs: names of the outputs of the task or workflow, which only its output section can see.
        unknown: the namespaces of imports that could not be had; what is missing may be defined there.
        scatter_variables: the variables of all scatters of the workflow by name; None until an unknown name asks.
    """

    def __init__(self, document: TypedDocument, findings: Findings) -> None:
        self.document = document
        self.findings = findings
        self.version = document.version
        self.types = document.types
        self.scope = Scope()
        self.section = "body"
        self.in_placeholder = False
        self.outputs: frozenset[str] = frozenset()
        self.unknown: frozenset[str] = frozenset()
        self.scatter_variables: dict[str, nodes.Identifier] | None = None

    def infer(self, expression: nodes.Expression, expected: Type | None = None) -> Type:
        """The type of an expression; `expected` helps literals that have several."""
        type_ = _RULES[type(expression)](self, expression, expected)
        self.types[expression] = type_
        return type_

    def coerce(self, expression: nodes.Expression, target: Type, what: str, because: Label | None = None) -> None:
        """Type an expression and check that it can be used as `target`.

        Args:
            expression: the value.
            target: the type that is wanted.
            what: what wants it, for the sentence: "`x`", "argument 1 of `floor`".
            because: the place that says what is wanted, shown as the second label.
        """
        given = self.value(expression, target)
        if given is not target:
            self.fits(expression, given, target, what, because)

    def fits(
        self, expression: nodes.Expression, given: Type, target: Type, what: str, because: Label | None = None
    ) -> None:
        """Check that an expression of type `given` can be used as `target`."""
        level = coercible(given, target)
        if level is Coercibility.YES:
            if isinstance(expression, (nodes.Array, nodes.String)):
                self._literal_fits(expression, target, what, because)
        elif level is Coercibility.NO or not _converts(expression, required(target)):
            self.mismatch(expression, given, target, what, because)
        else:
            self.lenient(expression, given, target, what, because)

    def _literal_fits(
        self, expression: nodes.Array | nodes.String, target: Type, what: str, because: Label | None
    ) -> None:
        if isinstance(expression, nodes.Array):
            if not expression.items and isinstance(target, ArrayType) and target.nonempty:
                message = f"{what} needs at least one item, but the array is empty"
                remark, remedy = "fails when it runs", "give an item"
                if because is not None:
                    remedy += ", or leave out the `+` of the type"
                self.findings.leniency("EmptyArray", message, expression, remark, *_optional(because), help=remedy)
        elif isinstance(target, EnumType):
            text = expression.text
            choices = [choice for choice, _ in target.choices]
            if text is not None and text not in choices:
                message = f"`{target.name}` has no choice `{text}`"
                self.findings.error("UnknownChoice", message, expression, help=f"its choices are {listed(choices)}")

    def mismatch(
        self, expression: nodes.Expression, given: Type, target: Type, what: str, because: Label | None = None
    ) -> None:
        """Report a value of a type that does not fit."""
        message = f"{what} must be {article(target)}, but the value is {article(given)}"
        if isinstance(given, UnionType):
            message = f"{what} must be {article(target)} and cannot be `None`"
        remedy = None
        if (
            isinstance(given, ArrayType)
            and not isinstance(expression, nodes.Array)
            and coercible(given.item, target) is Coercibility.YES
        ):
            text = self.findings.text(expression, "x")
            remedy = f"take one of its items, such as `{text}[0]`, or walk over all: `scatter (item in {text}) {{ … }}`"
        if str(given) == str(target):
            message = f"{what} must be {article(target)}, and the value is of another type with that name"
            remedy = "give one of the two another name where it is imported: `import … alias Name as OtherName`"
        if isinstance(given, StructType) and isinstance(target, StructType):
            remedy = f"`{given}` and `{target}` differ{difference(given, target)}"
        remark = f"this is {article(given)}"
        self.findings.error("TypeMismatch", message, expression, remark, *_optional(because), help=remedy)

    def lenient(
        self, expression: nodes.Expression, given: Type, target: Type, what: str, because: Label | None = None
    ) -> None:
        """Warn of a value that is accepted and converted with a check when it runs."""
        if self.section == "enum":
            self.mismatch(expression, given, target, what, because)
            return
        if given.optional and coercible(required(given), target) is Coercibility.YES:
            self.findings.leniency(
                "OptionalValue",
                f"{what} must be {article(target)}, but the value may be `None`",
                expression,
                f"this is {article(given)}; it fails when it runs if it is `None`",
                *_optional(because),
                help=f"say what to use instead of `None`: `select_first([{self.findings.text(expression)}, …])`",
            )
            return
        self.findings.leniency(
            "ImplicitConversion",
            f"{what} must be {article(target)}, and the value is {article(given)}",
            expression,
            _outcome(expression, target),
            *_optional(because),
            help=_conversion(given, target, declared=because is not None),
        )

    def condition(self, expression: nodes.Expression, what: str) -> None:
        """Type a condition, which must be Boolean."""
        given = self.value(expression)
        if isinstance(given, UnionType) or required(given) == BOOLEAN:
            if given.optional:
                self.lenient(expression, given, BOOLEAN, what)
        else:
            self.mismatch(expression, given, BOOLEAN, what)

    def value(self, expression: nodes.Expression, expected: Type | None = None) -> Type:
        """The type of an expression that must be a value: not a call, an enum's name or the `task` variable."""
        type_ = self.infer(expression, expected)
        if isinstance(type_, NOT_VALUES):
            self.types[expression] = ANY
            names.report_not_a_value(self, expression, type_)
            return ANY
        return type_


def _outcome(expression: nodes.Expression, target: Type) -> str:
    """The remark beside a value that is converted."""
    if isinstance(expression, nodes.String) and required(target) in {INT, FLOAT}:
        text = expression.text
        if text is not None and not _is_number(text):
            return "this is no number: it fails when it runs"
    return "converted when it runs; it fails if that cannot be done"


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _conversion(given: Type, target: Type, *, declared: bool) -> str:
    """How to write in WDL what is converted leniently."""
    given, target = required(given), required(target)
    if isinstance(given, ArrayType) and isinstance(target, ArrayType):
        if given.item.optional and not target.item.optional:
            return "leave out the items that are `None` with `select_all(…)`"
        return f"declare it as {article(replace(given, nonempty=False))}" if declared else f"give {article(target)}"
    if isinstance(given, ArrayType):
        return "make the Map with `as_map(…)`" if isinstance(target, MapType) else "join the items with `sep`"
    if isinstance(target, ArrayType):
        pairs = isinstance(given, MapType) and isinstance(target.item, PairType)
        return "make the pairs with `as_pairs(…)`" if pairs else "write `[…]` around it"
    if target == STRING:
        return 'make a String of it: `"~{…}"`'
    if given == FLOAT:
        return "make an Int of it with `floor(…)`, `ceil(…)` or `round(…)`"
    if isinstance(target, StructType):
        return f"write `{target.name} {{…}}` with all its members"
    return f"give {article(target)}" + f", or declare it as {article(given)}" * declared


def _optional(label: Label | None) -> tuple[Label, ...]:
    return () if label is None else (label,)


def _converts(expression: nodes.Expression, target: Type) -> bool:
    """Whether a literal could ever be converted; a text where a number is wanted may be a default nobody uses."""
    if isinstance(expression, nodes.Literal) and isinstance(expression.value, float) and target == INT:
        return expression.value.is_integer()
    if isinstance(expression, nodes.String) and target == BOOLEAN:
        text = expression.text
        return text is None or text.strip().lower() in {"true", "false"}
    return True


_RULES: dict[type, Callable[[ExpressionChecker, Any, Type | None], Type]] = {
    nodes.Literal: literals.literal,
    nodes.String: literals.string,
    nodes.Array: literals.array,
    nodes.Map: literals.map_,
    nodes.Pair: literals.pair,
    nodes.Struct: literals.struct,
    nodes.HintsValue: literals.hints,
    nodes.Name: names.name,
    nodes.Access: names.access,
    nodes.Index: names.index,
    nodes.Apply: applications.apply,
    nodes.Unary: operators.unary,
    nodes.Binary: operators.binary,
    nodes.Conditional: operators.conditional,
}
