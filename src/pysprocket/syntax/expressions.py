"""Expressions.

In: a cursor at the first token of an expression. Out: `Expressions`, the part of the parser that makes expression
nodes, by precedence climbing. Source: WDL specification, "Expressions"; operator precedence from its table: unary
operators bind tighter than `**`, all binary operators group from the left, `if … then … else …` binds least.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from math import inf
from typing import NoReturn

from pysprocket.source.diagnostic import Label
from pysprocket.syntax.cursor import NESTING_LIMIT, NUMBER, TEXT, WORD
from pysprocket.syntax.nodes import (
    Access,
    Apply,
    Array,
    Binary,
    Conditional,
    Expression,
    HintsValue,
    Identifier,
    Index,
    Literal,
    Map,
    MapEntry,
    Member,
    Name,
    Pair,
    String,
    Struct,
    Unary,
)
from pysprocket.syntax.numbers import LARGEST, parse_number
from pysprocket.syntax.templates import Templates

PRECEDENCE = {
    "||": 1, "&&": 2, "==": 3, "!=": 3, "<": 4, "<=": 4, ">": 4, ">=": 4, "+": 5, "-": 5, "*": 6, "/": 6, "%": 6,
    "**": 7,
}  # fmt: skip
_CONTINUES = frozenset(PRECEDENCE) | {".", "[", "(", "{"}
HEIGHT_LIMIT = 250
sys.setrecursionlimit(max(sys.getrecursionlimit(), 12 * HEIGHT_LIMIT))  # for those who walk such a tree


class Expressions(Templates):
    """Reading of expressions."""

    __slots__ = ()

    def expression(self, minimum: int = 0) -> Expression:
        """Parse an expression whose binary operators all bind tighter than `minimum`."""
        kind = self.kind
        if kind == WORD:
            lexeme = self.lexeme
            if lexeme not in _OPERANDS:
                start, end = self.start, self.end
                self.advance()
                if self.lexeme not in _CONTINUES:
                    return Name(start, end, lexeme)
                return self._from(start, Name(start, end, lexeme), minimum)
        elif kind == TEXT:
            start, end, lexeme = self.start, self.end, self.lexeme
            self.advance()
            string = String(start, end, (lexeme[1:-1],) if end - start > 2 else ())
            return string if self.lexeme not in _CONTINUES else self._from(start, string, minimum)
        elif kind == NUMBER:
            start = self.start
            number = self.number(start)
            return number if self.lexeme not in _CONTINUES else self._from(start, number, minimum)
        return self._from(self.start, None, minimum)

    def _from(self, start: int, left: Expression | None, minimum: int) -> Expression:
        """Go on after the first operand `left` (None: not read yet) of an expression that began at `start`."""
        outer, self.height = self.height, 0
        self.depth += 1
        if self.depth > NESTING_LIMIT:
            self.too_deep(self.start, self.end)
        left = self._operand() if left is None else self._postfix(start, left)
        while (power := PRECEDENCE.get(self.lexeme, 0)) > minimum:
            operator = self.lexeme
            if operator == "**":
                self.require("exponentiation", self.start, self.end)
            self.advance()
            right = self.expression(power)
            left = Binary(start, self.last, operator, left, right)
            self._grow(start)
        self.depth -= 1
        height = self.height + 1
        self.height = height if height > outer else outer
        return left

    def _grow(self, start: int) -> None:
        """Count one more level of the tree, whose height is limited for those who walk it."""
        self.height += 1
        if self.height > HEIGHT_LIMIT:
            self.too_deep(start, self.last)

    def _operand(self) -> Expression:
        """Parse what stands between binary operators."""
        start = self.start
        if (parse := _OPERANDS.get(self.lexeme)) is not None:
            return parse(self) if self.lexeme in ("-", "!", "+", "if") else self._postfix(start, parse(self))
        if self.kind == WORD:
            name = Name(start, self.end, self.lexeme)
            self.advance()
            return self._postfix(start, name)
        if self.kind == TEXT:
            return self._postfix(start, self.string())
        if self.kind == NUMBER:
            return self._postfix(start, self.number(start))
        return self.unexpected("an expression")

    def _postfix(self, start: int, target: Expression) -> Expression:
        """Parse what follows an operand: `.member`, `[index]`, and after a name `(arguments)` and `{members}`."""
        if type(target) is Name and target.end == self.last:
            if self.lexeme == "(":
                target = self._apply(target)
            elif self.lexeme == "{":
                target = self._struct(target)
        while True:
            lexeme = self.lexeme
            if lexeme == ".":
                self.advance()
                member = self.word("the name of a member")
                target = Access(start, member.end, target, member)
            elif lexeme == "[":
                opened = self.start
                self.advance()
                index = self.expression()
                if self.lexeme == ":":
                    self.unexpected("`]`", help="there are no slices; an index gives one item")
                target = Index(start, self.close("]", opened), target, index)
            else:
                if lexeme == "(" and type(target) is Access:
                    self._method(target)
                return target
            self._grow(start)

    def _method(self, target: Access) -> NoReturn:
        name = target.member.name
        label = Label(self.source, self.start, self.end, "unexpected")
        help_ = f"functions stand before their arguments: `{name}(…)`"
        self.fail("UnexpectedToken", f"`.{name}(…)`: values have members, but no functions", label, help=help_)

    # --- operands ---------------------------------------------------------------------------------------

    def literal(self) -> Expression:
        """Parse a string, number or Boolean that stands alone: nothing that follows belongs to it."""
        start = self.start
        if self.kind == TEXT or self.lexeme in ('"', "'", "<<<"):
            return self.string()
        if self.lexeme in ("true", "false"):
            return self._constant()
        negative = self.lexeme == "-"
        if negative:
            self.advance()
        if self.kind != NUMBER:
            self.unexpected("a string, number or Boolean")
        return self.number(start, negative=negative)

    def number(self, start: int, *, negative: bool = False) -> Literal:
        """Consume a number; the sign before it, if any, is at `start` and part of the literal."""
        end = self.end
        value = parse_number(self.lexeme)
        if value is None:
            hint = "a leading zero means octal digits: 0 to 7" if self.lexeme.isdigit() else None
            label = Label(self.source, self.start, end)
            self.fail("InvalidNumber", f"`{self.lexeme}` is not a number", label, help=hint)
        if value > LARGEST and (value == inf if isinstance(value, float) else value > LARGEST + negative):
            value = self._out_of_range(value)
        self.advance()
        return Literal(start, end, -value if negative else value)

    def _out_of_range(self, value: int | float) -> int | float:
        if isinstance(value, float):
            self.error("NumberOutOfRange", "this number is too large for a Float", self.start, self.end)
            return 0.0
        hint = f"an Int is between -{LARGEST + 1} and {LARGEST}"
        self.error("NumberOutOfRange", "this integer is out of range", self.start, self.end, help=hint)
        return 0

    def _constant(self) -> Literal:
        start, end, lexeme = self.start, self.end, self.lexeme
        if lexeme == "None":
            self.require("none", start, end)
        self.advance()
        return Literal(start, end, {"true": True, "false": False, "None": None}[lexeme])

    def _unary(self) -> Expression:
        start, operator = self.start, self.lexeme
        self.advance()
        if operator == "-" and self.kind == NUMBER:
            return self._postfix(start, self.number(start, negative=True))
        if operator == "+" and self.version > (1, 0):
            self.leniency("UnaryPlus", "a `+` before a value is not part of this version of WDL", start, start + 1)
        self.enter()
        operand = self._operand()
        self.depth -= 1
        self._grow(start)
        return Unary(start, self.last, operator, operand)

    def _conditional(self) -> Conditional:
        start = self.start
        self.advance()
        condition = self.expression()
        if self.lexeme != "then":
            self.unexpected("`then` after the condition", help="write `if condition then a else b`")
        self.advance()
        yes = self.expression()
        if self.lexeme != "else":
            self.unexpected("`else` (an `if` expression always has one)", help="add `else` and the value for that case")
        self.advance()
        no = self.expression()
        return Conditional(start, self.last, condition, yes, no)

    def _group(self) -> Expression:
        """Parse `(a)` or the pair `(a, b)`."""
        start = self.start
        self.advance()
        left = self.expression()
        if self.lexeme != ",":
            self.close(")", start, more=True)
            return left
        self.advance()
        right = self.expression()
        return Pair(start, self.close(")", start), left, right)

    def _array(self) -> Array:
        start = self.start
        self.advance()
        items: list[Expression] = []
        while self.lexeme != "]":
            items.append(self.expression())
            if self.lexeme != ",":
                break
            self.advance()
        return Array(start, self.close("]", start, more=True), tuple(items))

    def _map(self) -> Map:
        start = self.start
        self.advance()
        entries: list[MapEntry] = []
        while self.lexeme != "}":
            key_start = self.start
            key = self.expression()
            if self.lexeme == "=":
                self.unexpected("`:` between key and value", help="write `key: value`")
            self.expect(":", " between key and value")
            value = self.expression()
            entries.append(MapEntry(key_start, self.last, key, value))
            if self.lexeme != ",":
                break
            self.advance()
        return Map(start, self.close("}", start, more=True), tuple(entries))

    def _apply(self, name: Name) -> Apply:
        opened = self.start
        self.advance()
        arguments: list[Expression] = []
        while self.lexeme != ")":
            arguments.append(self.expression())
            if self.lexeme == "=":
                self.unexpected(
                    "`,` or `)`", help="arguments have no names; a struct is made with `Name { member: value }`"
                )
            if self.lexeme != ",":
                break
            comma = self.start
            self.advance()
            if self.lexeme == ")":
                message = "there is no argument after this comma; other engines refuse it"
                self.leniency("NeedlessComma", message, comma, comma + 1, help="remove the comma")
        end = self.close(")", opened, more=True)
        return Apply(name.start, end, Identifier(name.start, name.end, name.name), tuple(arguments))

    # --- members ----------------------------------------------------------------------------------------

    def _struct(self, name: Name) -> Struct:
        if name.name in self.reserved:
            label = Label(self.source, name.start, name.end, "unexpected")
            self.fail("UnexpectedToken", f"expected an expression, found the reserved word `{name.name}`", label)
        self.require("struct literal", name.start, name.end)
        members = self.members()
        return Struct(name.start, self.last, Identifier(name.start, name.end, name.name), members)

    def _object(self) -> Expression:
        start, end = self.start, self.end
        self.advance()
        if self.lexeme != "{":
            return Name(start, end, "object")
        members = self.members()
        return Struct(start, self.last, None, members)

    def _hints_value(self) -> Expression:
        start, end, kind = self.start, self.end, self.lexeme
        same_line = "\n" not in self.text[self.last : start]  # a section of that name begins a line
        self.advance()
        if self.lexeme != "{" or not (self.in_hints or same_line):
            return Name(start, end, kind)
        members = self.members(dotted=kind != "hints")
        return HintsValue(start, self.last, kind, members)

    def members(self, *, dotted: bool = False) -> tuple[Member, ...]:
        """Parse `{ name: value, … }`."""
        opened = self.start
        self.advance()
        members: list[Member] = []
        while self.lexeme != "}":
            name = self.key("the name of a member")
            while dotted and self.lexeme == ".":
                self.advance()
                part = self.word("the name of a member")
                name = Identifier(name.start, part.end, f"{name.name}.{part.name}")
            if self.lexeme == "=":
                self.unexpected("`:` after the name of a member", help=f"write `{name.name}: value`")
            self.expect(":", " after the name of a member")
            value = self.expression()
            members.append(Member(name.start, self.last, name, value))
            if self.lexeme != ",":
                break
            self.advance()
        self.close("}", opened, more=True)
        return tuple(members)


def _misplaced(parser: Expressions) -> Expression:
    if parser.lexeme not in parser.reserved:  # `Directory` is a name like any other in WDL 1.0
        name = Name(parser.start, parser.end, parser.lexeme)
        parser.advance()
        return name
    return parser.unexpected("an expression")


def _negated(parser: Expressions) -> Expression:
    """Parse the name `not`, which is an operator in other languages."""
    start, end = parser.start, parser.end
    parser.advance()
    if parser.kind == WORD and "\n" not in parser.text[end : parser.start] and parser.lexeme not in ("then", "else"):
        label = Label(parser.source, start, end, "unexpected")
        parser.fail("UnexpectedToken", "`not` is no operator", label, help="write `!`")
    return Name(start, end, "not")


def _prefixed(parser: Expressions) -> Expression:
    """Parse a name that is a mark before a string in other languages: `f"{x}"`."""
    name = Name(parser.start, parser.end, parser.lexeme)
    parser.advance()
    if parser.start == name.end and (parser.kind == TEXT or parser.lexeme in ("'", '"')):
        label = Label(parser.source, name.start, name.end, "unexpected")
        message = f"a string has no mark such as `{name.name}` before it"
        parser.fail("UnexpectedToken", message, label, help=_MARKS[name.name])
    return name


_MARKS = {
    "f": 'write `"~{x}"` for a placeholder in a string',
    "r": "write each backslash twice in a string",
    "b": "remove it",
}


_MISPLACED = ("then", "else", "call", "scatter", "workflow", "Array", "Boolean", "Directory", "File", "Float", "Int",
              "Map", "Object", "Pair", "String")  # fmt: skip
_OPERANDS: dict[str, Callable[[Expressions], Expression]] = {
    "not": _negated,
    **dict.fromkeys(_MARKS, _prefixed),
    "true": Expressions._constant,
    "false": Expressions._constant,
    "None": Expressions._constant,
    "if": Expressions._conditional,
    **dict.fromkeys(_MISPLACED, _misplaced),
    "object": Expressions._object,
    "hints": Expressions._hints_value,
    "input": Expressions._hints_value,
    "output": Expressions._hints_value,
    "-": Expressions._unary,
    "!": Expressions._unary,
    "+": Expressions._unary,
    "(": Expressions._group,
    "[": Expressions._array,
    "{": Expressions._map,
    '"': Expressions.string,
    "'": Expressions.string,
    "<<<": Expressions.string,
}
