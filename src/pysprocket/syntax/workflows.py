"""Workflow statements: calls, scatters and conditionals.

In: a cursor at the first token of a statement. Out: `Workflows`, the part of the parser that makes their nodes.
Source: WDL specification, "Workflow elements".
"""

from __future__ import annotations

import re

from msgspec import structs

from pysprocket.source.diagnostic import Label, Severity
from pysprocket.syntax.cursor import WORD
from pysprocket.syntax.nodes import (
    Call,
    CallInput,
    Clause,
    Declaration,
    Identifier,
    If,
    Literal,
    Name,
    Scatter,
    Statement,
)
from pysprocket.syntax.sections import Sections
from pysprocket.syntax.versions import TOLERATED_NAMES

_COLON = re.compile(r"\s*:")
_INPUT_AS_NAME = re.compile(r"\s*[=,}]")


class Workflows(Sections):
    """Reading of workflow statements."""

    __slots__ = ()

    def statement(self, *, outermost: bool = False) -> Statement:
        """Parse a call, scatter, conditional or private declaration, which is without value `outermost` only."""
        lexeme = self.lexeme
        if lexeme == "call":
            return self._call()
        if lexeme == "scatter":
            return self._scatter()
        if lexeme == "if":
            return self._if()
        return self.declaration() if outermost else self._inner_declaration()

    def _inner_declaration(self) -> Declaration:
        """Parse a declaration of a scatter or `if`; what is optional and has no value is None."""
        declaration = self.declaration()
        if declaration.expression is not None:
            return declaration
        name = declaration.name
        if not declaration.type.optional:
            self.missing_value(declaration, "in the body of a workflow")
            return declaration
        message = f"`{name.name}` has no value; it is None"
        remedy = "remove it, or write `= …` after it; in WDL 1.1 and later, `None` is a value"
        self.leniency("OptionalWithoutValue", message, name.start, name.end, help=remedy)
        return structs.replace(declaration, expression=Literal(name.end, name.end, None))

    def body(self) -> tuple[Statement, ...]:
        """Parse `{ statement … }`."""
        statements: list[Statement] = []
        self.enter()
        self.block(lambda: statements.append(self.statement()), "a statement", statements=True)
        self.depth -= 1
        return tuple(statements)

    def _scatter(self) -> Scatter:
        start = self.start
        self.advance()
        opened = self.start
        if self.lexeme != "(":
            self.unexpected("`(` after `scatter`", help="write `scatter (item in items) { … }`")
        self.advance()
        variable = self.new_name("the name of a scatter variable")
        self.expect("in", " after the scatter variable")
        expression = self.expression()
        self.close(")", opened)
        body = self.body()
        return Scatter(start, self.last, variable, expression, body)

    def _if(self) -> If:
        start = self.start
        clauses = [self._clause(start)]
        while self.lexeme == "else":
            clause_start = self.start
            self.require("else", clause_start, self.end)
            if clauses[-1].condition is None:
                label = Label(self.source, clause_start, self.end)
                self.fail("ClauseAfterElse", "an `else` without condition is the last clause", label)
            self.advance()
            clauses.append(self._clause(clause_start))
        return If(start, self.last, tuple(clauses))

    def _clause(self, start: int) -> Clause:
        """Parse `if (condition) body`, or only the body of an `else`."""
        condition = None
        if self.lexeme == "if":
            self.advance()
            opened = self.start
            self.expect("(", " after `if`")
            condition = self.expression()
            self.close(")", opened)
        body = self.body()
        return Clause(start, self.last, condition, body)

    # --- calls ------------------------------------------------------------------------------------------

    def _call(self) -> Call:
        start = self.start
        self.advance()
        if self.lexeme in self.reserved and self.lexeme not in TOLERATED_NAMES:
            self.unexpected("the name of a task or workflow")
        callee = [self.word("the name of a task or workflow")]
        while self.lexeme == ".":
            self.advance()
            callee.append(self.word("the name of a task or workflow"))
        alias: Identifier | None = None
        after: list[Identifier] = []
        while self.kind == WORD:
            if self.lexeme == "as" and alias is None:
                self.advance()
                alias = self.new_name("the name of a call")
            elif self.lexeme == "after":
                self.require("after", self.start, self.end)
                self.advance()
                after.append(self.word("the name of a call"))
            else:
                break
        if self.lexeme == "(":
            called = ".".join(part.name for part in callee)
            self.unexpected(
                "`{` or another statement", help=f"inputs are given in `call {called} {{ input: name = value }}`"
            )
        inputs = self._call_body() if self.lexeme == "{" else ()
        return Call(start, self.last, tuple(callee), alias, tuple(after), inputs)

    def _call_body(self) -> tuple[CallInput, ...]:
        opened = self.start
        self.advance()
        inputs: list[CallInput] = []
        if self.lexeme == "inputs" and _COLON.match(self.text, self.end):
            label = Label(self.source, self.start, self.end)
            self.report(Severity.ERROR, "UnexpectedToken", "the inputs of a call follow the word `input`", label,
                        help="write `input:`")  # fmt: skip
            self.advance()
            self.advance()
        elif self.lexeme == "input" and not _INPUT_AS_NAME.match(self.text, self.end):
            self.advance()
            self.expect(":", " after `input`")
        elif self.lexeme != "}":
            self.require("call without input", self.start, self.end)
        while self.lexeme != "}":
            inputs.append(self._call_input())
            if self.lexeme != ",":
                break
            self.advance()
        self.close("}", opened, more=True)
        self.no_duplicates([given.name for given in inputs], "in this call")
        return tuple(inputs)

    def _call_input(self) -> CallInput:
        name = self.word("the name of an input")
        if self.lexeme == ":":
            self.unexpected(f"`=` after `{name.name}`", help=f"write `{name.name} = value`")
        if self.lexeme != "=":
            self.require("call shorthand", name.start, name.end)
            return CallInput(name.start, name.end, name, Name(name.start, name.end, name.name), shorthand=True)
        self.advance()
        expression = self.expression()
        return CallInput(name.start, self.last, name, expression)
