"""Types, declarations, and blocks of entries.

In: a cursor at the first token of one of them. Out: `Declarations`, the part of the parser that makes their nodes,
and that reads the entries of a block one by one, going on after mistakes. Source: WDL specification, "Types" and
"Declarations".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NoReturn

from pysprocket.nearest import nearest
from pysprocket.source.diagnostic import Label, Severity
from pysprocket.syntax.cursor import DEFINITION_WORDS, END, NAMES, TEXT, WORD, Mistake
from pysprocket.syntax.expressions import Expressions
from pysprocket.syntax.habits import LOOPS, TYPE_WORDS, TYPES
from pysprocket.syntax.nodes import Declaration, Identifier, TypeExpression

_QUOTES = ("'", '"')
_ARGUMENTS = {"Array": 1, "Map": 2, "Pair": 2}
_DECLARATION = re.compile(r"([A-Za-z][A-Za-z0-9_]*+)(\??)[ \t]++([A-Za-z][A-Za-z0-9_]*+)(?:[ \t]*+(=)(?!=))?")
_ENVIRONMENT = re.compile(r"env[ \t]++[A-Za-z][A-Za-z0-9_]*+(?:[ \t]++[A-Za-z]|[ \t]*+[\[?+])")
_SECTION = re.compile(
    r"(?:input|output|runtime|requirements|hints|meta|parameter_meta)\s*\{|command\s*(?:<<<|\{)|call\s|(?:scatter|if)\s*\("
)
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_]*+")
_SECTION_WORDS = frozenset({
    "input", "output", "runtime", "requirements", "hints", "meta", "parameter_meta", "command", "call", "scatter", "if",
})  # fmt: skip
STATEMENT_WORDS = frozenset({"call", "scatter", "if"})
_ENDS = _SECTION_WORDS | DEFINITION_WORDS | {""}  # may show that a block is not closed; "" is the end of the text
_PLAIN_TYPES = frozenset({"Boolean", "File", "Float", "Int", "Object", "String"})


class Declarations(Expressions):
    """Reading of types, declarations and blocks."""

    __slots__ = ()

    # --- types ------------------------------------------------------------------------------------------

    def type(self) -> TypeExpression:
        """Parse a type."""
        start, end, name = self.start, self.end, self.lexeme
        if self.kind != WORD or (name in self.reserved and name not in TYPE_WORDS):
            after_text = self._is_text() and self.text[self.last - 1] in _QUOTES
            self.unexpected("a type", help="join two texts with `+`" if after_text else None)
        if name in LOOPS:
            self.unexpected("a statement or a declaration", help=LOOPS[name])
        if name == "Directory":
            self.require("directory", start, end)
        self.advance()
        if self.lexeme == "<" and (name in TYPE_WORDS or name in TYPES):
            self.unexpected(f"`[` after `{name}`", help=f"write `{TYPES.get(name, name)}[…]`")
        arguments = self._type_arguments() if self.lexeme == "[" else ()
        if len(arguments) != _ARGUMENTS.get(name, 0):
            self._wrong_arguments(name, start, len(arguments))
        nonempty = self.lexeme == "+"
        if nonempty:
            if name != "Array" and not self.text.startswith("=", self.end):
                self.error("InvalidQuantifier", "only an Array can be marked `+`", self.start, self.end)
            self.advance()
            if self.lexeme == "=":
                self.unexpected("the name of a declaration", help="a value cannot be changed: declare another one")
        optional = self.lexeme == "?"
        if optional:
            self.advance()
        if self.lexeme in ("?", "+"):
            message = "a type is marked `?` once, after `+` if both are there"
            self.fail("InvalidQuantifier", message, Label(self.source, self.start, self.end))
        return TypeExpression(start, self.last, name, arguments, nonempty, optional)

    def _type_arguments(self) -> tuple[TypeExpression, ...]:
        opened = self.start
        self.enter()
        self.advance()
        arguments = [self.type()]
        while self.lexeme == ",":
            self.advance()
            arguments.append(self.type())
        self.close("]", opened, more=True)
        self.depth -= 1
        return tuple(arguments)

    def _is_text(self) -> bool:
        return self.kind == TEXT or self.lexeme in _QUOTES

    def _wrong_arguments(self, name: str, start: int, count: int) -> None:
        wanted = _ARGUMENTS.get(name, 0)
        message = f"`{name}` takes {wanted or 'no'} type argument{'' if wanted == 1 else 's'}, found {count}"
        example = {
            "Array": "write `Array[String]`",
            "Map": "write `Map[String, Int]`",
            "Pair": "write `Pair[Int, Int]`",
        }
        meant = f"did you mean `{TYPES[name]}`?" if name in TYPES else None
        if name == "Optional":
            meant = "an optional type is marked `?`: `Int?`"
        self.error("WrongTypeArguments", message, start, self.last, help=example.get(name, meant))

    # --- declarations -----------------------------------------------------------------------------------

    def declaration(self, *, environment: bool = False) -> Declaration:
        """Parse `[env] Type name [= expression]`; `environment` where `env` is allowed."""
        start = self.start
        modified = self.lexeme == "env" and _ENVIRONMENT.match(self.text, start) is not None
        if modified:
            self._environment(allowed=environment)
        match = _DECLARATION.match(self.text, self.start)
        if match is not None and (word := match[1]) in _PLAIN_TYPES and match[3] not in self.reserved:
            optional = match[2] == "?"
            type_ = TypeExpression(match.start(), match.end(2), word, (), False, optional)  # noqa: FBT003
            name = Identifier(match.start(3), match.end(3), match[3])
            self.seek(match.end())
            bound = match[4] is not None
        else:
            type_ = self.type()
            if self.kind != WORD or (self.lexeme in self.reserved and "\n" in self.text[self.last : self.start]):
                self._not_a_declaration(type_)
            if type_.name.lower() == "optional" and self.lexeme in TYPE_WORDS:
                self._optional(type_)
            name = self.new_name("the name of a declaration")
            bound = self.lexeme == "="
            if bound:
                self.advance()
        if not bound and self.kind not in (WORD, END) and self.lexeme != "}":
            adjacent = self.start == name.end and (self.lexeme == "-" or self.lexeme[0].isalpha())
            self.unexpected("`=`, another declaration or `}`", help=NAMES if adjacent else None)
        expression = self.expression() if bound else None
        return Declaration(start, self.last if bound else name.end, type_, name, expression, modified)

    def _not_a_declaration(self, type_: TypeExpression) -> None:
        """Fail with a remedy when what was read as a type is a name without type, or the name of a section."""
        label = Label(self.source, type_.start, type_.end)
        alone = "\n" in self.text[self.last : self.start] or self.lexeme == "}"
        if type_.name not in TYPE_WORDS and (self.lexeme in ("=", ":") or alone):
            message = f"`{type_.name}` has no type" if not alone else f"`{type_.name}` stands alone"
            remedy = f"write its type before it, as in `Int {type_.name}`"
            if alone and self.lexeme != "=":
                remedy += f", or `call {type_.name}` in a workflow"
            self.fail("UnexpectedToken", message, label, help=remedy)
        if self.lexeme == "=":
            self.unexpected("the name of a declaration", help=f"write a name before `=`: `{type_.name} name = …`")
        if self.lexeme == "(":
            remedy = f"a task is called with `call {type_.name} {{ input: … }}`, and a function in a declaration"
            self.unexpected("the name of a declaration", help=remedy)
        if self.lexeme == ".":
            member = _WORD.match(self.text, self.end)
            name = member[0] if member else "name"
            remedy = f"a value has a type and a name: `File {name} = {type_.name}.{name}`"
            self.unexpected("the name of a declaration", help=remedy)
        if self._is_text():
            remedy = f"name the value: `{type_.name} name = {self.lexeme}`"
            if (quote := self.text[type_.start - 1]) in _QUOTES:
                remedy = f"a quote inside of a text is written `\\{quote}`"
            self.unexpected("the name of a declaration", help=remedy)
        if self.lexeme in ("{", "<<<"):
            close = nearest(type_.name, _SECTION_WORDS)
            suggestion = f"did you mean `{close[0]}`?" if close else None
            self.fail("UnexpectedToken", f"there is no section `{type_.name}`", label, help=suggestion)

    def _optional(self, type_: TypeExpression) -> NoReturn:
        label = Label(self.source, type_.start, type_.end, "unexpected")
        message = f"there is no word `{type_.name}`"
        self.fail("UnexpectedToken", message, label, help=f"an optional type is marked `?`: `{self.lexeme}?`")

    def _environment(self, *, allowed: bool) -> None:
        if allowed:
            self.require("env", self.start, self.end)
        else:
            message = "`env` is only for inputs and private declarations of a task"
            self.error("MisplacedEnv", message, self.start, self.end, help="remove it")
        self.advance()

    def bound_declaration(self, where: str) -> Declaration:
        """Parse a declaration that must have an expression."""
        declaration = self.declaration()
        if declaration.expression is None:
            self.missing_value(declaration, where)
        return declaration

    def missing_value(self, declaration: Declaration, where: str) -> None:
        """Report a declaration without a value where it needs one."""
        name = declaration.name
        message = f"`{name.name}` {where} has no value"
        hint = f"write `= …` after `{name.name}`, or move it to the `input` section"
        self.error("MissingValue", message, name.start, name.end, help=hint)

    # --- blocks -----------------------------------------------------------------------------------------

    def block(
        self,
        entry: Callable[[], None],
        what: str,
        *,
        purpose: str = "",
        in_sections: bool = False,
        statements: bool = False,
    ) -> int:
        """Parse `{ entry … }`, going on after mistakes; the offset after the `}`.

        Args:
            entry: parses one entry; it consumes something or fails.
            what: what the entries are, for "expected …".
            purpose: completes "expected `{`".
            in_sections: sections and statements may be entries; where not, one of them shows that `}` is missing.
            statements: statements may be entries, but no sections.
        """
        self.no_colon()
        opened, depth, in_hints = self.start, self.depth, self.in_hints
        self.expect("{", purpose)
        while self.lexeme != "}":
            if (self.lexeme in _ENDS or self.unwinding) and self._unclosed(
                opened, may_stand=in_sections or (statements and self.lexeme in STATEMENT_WORDS)
            ):
                return self.last
            start = self.start
            try:
                if self.kind not in (WORD, TEXT) or self._is_operator():
                    self.unexpected(f"{what} or `}}`")
                entry()
            except Mistake:
                self.depth, self.height, self.in_hints = depth, 0, in_hints
                if not self.unwinding:
                    self.recover(start)
        end = self.end
        self.advance()
        return end

    def _is_operator(self) -> bool:
        """Whether the current word is an operator of another language."""
        return self.lexeme in ("and", "or") and "\n" not in self.text[self.last : self.start]

    def _unclosed(self, opened: int, *, may_stand: bool) -> bool:
        """Whether the current token shows that the `}` of a block is missing; this is reported once."""
        if self.unwinding:
            return True
        at_end = self.kind == END or self.at_definition()
        if not at_end and (may_stand or not self._at_section()):
            return False
        self.unwinding = at_end
        opener = Label(self.source, opened, opened + 1, "not closed")
        if self.kind == END:
            self.report(Severity.ERROR, "UnexpectedEnd", "expected `}`, found the end of the document", opener)
        else:
            found = Label(self.source, self.start, self.end, "found")
            self.report(Severity.ERROR, "UnclosedBlock", f"expected `}}`, found `{self.lexeme}`", opener, found)
        return True

    def _at_section(self) -> bool:
        return self.lexeme in _SECTION_WORDS and _SECTION.match(self.text, self.start) is not None

    def no_duplicates(self, names: list[Identifier], where: str, *, lenient: bool = False) -> None:
        """Report names that are given more than once; with `lenient` the last one counts."""
        if len({name.name for name in names}) == len(names):
            return
        first: dict[str, Identifier] = {}
        for name in names:
            earlier = first.setdefault(name.name, name)
            if earlier is name:
                continue
            message, help_ = f"`{name.name}` is given twice {where}", "remove one of the two"
            before = Label(self.source, earlier.start, earlier.end, "first here")
            again = Label(self.source, name.start, name.end, "the last one counts" if lenient else "again here")
            if lenient:
                self.report(Severity.WARNING, "RepeatedEntry", message, again, before, help=help_, lenient=True)
            else:
                self.report(Severity.ERROR, "DuplicateEntry", message, again, before, help=help_)
