"""Types, declarations, and the sections of tasks, workflows and structs.

In: a cursor at the first token of one of them. Out: `Sections`, the part of the parser that makes their nodes.
Source: WDL specification, "Declarations", "Task definition", "Metadata sections", "Struct definition".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

from pysprocket.source.diagnostic import Label, Severity
from pysprocket.syntax.cursor import END, NUMBER, TEXT, WORD, Mistake
from pysprocket.syntax.expressions import Expressions
from pysprocket.syntax.nodes import (
    Array,
    AttributeSection,
    Declaration,
    Expression,
    Identifier,
    InputSection,
    Literal,
    Member,
    MetaEntry,
    MetaSection,
    MetaValue,
    OutputSection,
    String,
    Struct,
    TypeExpression,
)

_ARGUMENTS = {"Array": 1, "Map": 2, "Pair": 2}
_DECLARATION = re.compile(r"([A-Za-z][A-Za-z0-9_]*+)(\??)[ \t]++([A-Za-z][A-Za-z0-9_]*+)(?:[ \t]*+(=)(?!=))?")
_KEY = re.compile(r"([A-Za-z][A-Za-z0-9_]*+)[ \t]*+:")
_ENVIRONMENT = re.compile(r"env[ \t]+[A-Za-z][A-Za-z0-9_]*[ \t]*[A-Za-z\[?+]")
_SECTION = re.compile(
    r"(?:input|output|runtime|requirements|hints|meta|parameter_meta)\s*\{|command\s*(?:<<<|\{)|call\s|(?:scatter|if)\s*\("
)
_SECTION_WORDS = frozenset(
    (
        "input",
        "output",
        "runtime",
        "requirements",
        "hints",
        "meta",
        "parameter_meta",
        "command",
        "call",
        "scatter",
        "if",
    )
)
_TYPE_WORDS = frozenset({"Array", "Boolean", "Directory", "File", "Float", "Int", "Map", "Object", "Pair", "String"})
_PLAIN_TYPES = frozenset({"Boolean", "File", "Float", "Int", "Object", "String"})
_META_STRING = re.compile(r'"(?:[^"\\\n]|\\[^\n])*"|' r"'(?:[^'\\\n]|\\[^\n])*'")
_COLON = re.compile(r"\s*:")
T = TypeVar("T")


def _is_plain(string: String) -> bool:
    return all(isinstance(part, str) for part in string.parts)


class Sections(Expressions):
    """Reading of types, declarations and sections."""

    __slots__ = ()

    # --- types ------------------------------------------------------------------------------------------

    def type(self) -> TypeExpression:
        """Parse a type."""
        start, end, name = self.start, self.end, self.lexeme
        if self.kind != WORD or (name in self.reserved and name not in _TYPE_WORDS):
            self.unexpected("a type")
        if name == "Directory":
            self.require("directory", start, end)
        self.advance()
        arguments = self._type_arguments() if self.lexeme == "[" else ()
        if len(arguments) != _ARGUMENTS.get(name, 0):
            self._wrong_arguments(name, start, len(arguments))
        nonempty = self.lexeme == "+"
        if nonempty:
            if name != "Array":
                self.error("InvalidQuantifier", "only an Array can be marked `+`", self.start, self.end)
            self.advance()
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

    def _wrong_arguments(self, name: str, start: int, count: int) -> None:
        wanted = _ARGUMENTS.get(name, 0)
        message = f"`{name}` takes {wanted or 'no'} type argument{'' if wanted == 1 else 's'}, found {count}"
        example = {
            "Array": "write `Array[String]`",
            "Map": "write `Map[String, Int]`",
            "Pair": "write `Pair[Int, Int]`",
        }
        self.error("WrongTypeArguments", message, start, self.last, help=example.get(name))

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
            name = self.new_name("the name of a declaration")
            bound = self.lexeme == "="
            if bound:
                self.advance()
        if not bound and self.kind not in (WORD, END) and self.lexeme != "}":
            self.unexpected("`=`, another declaration or `}`")
        expression = self.expression() if bound else None
        return Declaration(start, self.last if bound else name.end, type_, name, expression, modified)

    def _environment(self, *, allowed: bool) -> None:
        self.require("env", self.start, self.end)
        if not allowed:
            message = "`env` is only for inputs and private declarations of a task"
            self.error("MisplacedEnv", message, self.start, self.end)
        self.advance()

    def bound_declaration(self, where: str, *, environment: bool = False) -> Declaration:
        """Parse a declaration that must have an expression."""
        declaration = self.declaration(environment=environment)
        if declaration.expression is None:
            name = declaration.name
            message = f"`{name.name}` {where} has no value"
            hint = f"write `= …` after `{name.name}`, or move it to the `input` section"
            self.error("MissingValue", message, name.start, name.end, help=hint)
        return declaration

    # --- blocks -----------------------------------------------------------------------------------------

    def block(self, entry: Callable[[], None], what: str, *, purpose: str = "", in_sections: bool = False) -> int:
        """Parse `{ entry … }`, going on after mistakes; the offset after the `}`.

        Args:
            entry: parses one entry; it consumes something or fails.
            what: what the entries are, for "expected …".
            purpose: completes "expected `{`".
            in_sections: sections and statements may be entries; where not, one of them shows that `}` is missing.
        """
        opened, depth, in_hints = self.start, self.depth, self.in_hints
        self.expect("{", purpose)
        while self.lexeme != "}":
            if self.kind in (WORD, END) and self._unclosed(opened, in_sections=in_sections):
                return self.last
            start = self.start
            try:
                if self.kind not in (WORD, TEXT):
                    self.unexpected(f"{what} or `}}`")
                entry()
            except Mistake:
                self.depth, self.height, self.in_hints = depth, 0, in_hints
                if not self.unwinding:
                    self.recover(start)
        end = self.end
        self.advance()
        return end

    def _unclosed(self, opened: int, *, in_sections: bool) -> bool:
        """Whether the current token shows that the `}` of a block is missing; this is reported once."""
        if self.unwinding:
            return True
        at_end = self.kind == END or self.at_definition()
        if not at_end and (in_sections or not self._at_section()):
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

    def input_section(self, *, environment: bool) -> InputSection:
        """Parse `input { … }`."""
        start = self.start
        self.advance()
        declarations: list[Declaration] = []
        end = self.block(lambda: declarations.append(self.declaration(environment=environment)), "a declaration")
        return InputSection(start, end, tuple(declarations))

    def output_section(self) -> OutputSection:
        """Parse `output { … }`."""
        start = self.start
        self.advance()
        declarations: list[Declaration] = []
        end = self.block(
            lambda: declarations.append(self.bound_declaration("in the `output` section")), "a declaration"
        )
        return OutputSection(start, end, tuple(declarations))

    # --- attributes -------------------------------------------------------------------------------------

    def attribute_section(self, *, workflow: bool = False) -> AttributeSection:
        """Parse `runtime`, `requirements` or `hints`."""
        start, kind = self.start, self.lexeme
        if kind != "runtime":
            self.require(kind, start, self.end)
        self.advance()
        members: list[Member] = []
        self.in_hints = kind == "hints"

        def entry() -> None:
            name = self._key()
            value = self._workflow_hint() if workflow else self.expression()
            members.append(Member(name.start, self.last, name, value))
            self._needless_comma(kind)

        end = self.block(entry, "a name")
        self.in_hints = False
        self.no_duplicates([member.name for member in members], f"in `{kind}`")
        return AttributeSection(start, end, kind, tuple(members))

    def _key(self) -> Identifier:
        """Parse `name:`, tolerating quotes around the name."""
        if (match := _KEY.match(self.text, self.start)) is not None:
            self.seek(match.end())
            return Identifier(match.start(), match.end(1), match[1])
        if self.kind == TEXT and _COLON.match(self.text, self.end):
            name = Identifier(self.start, self.end, self.lexeme[1:-1])
            message = f"the key {self.lexeme} is in quotes; other engines refuse it"
            self.warning("QuotedKey", message, self.start, self.end, help="remove the quotes")
            self.advance()
        else:
            name = self.word("a name or `}`")
        self.expect(":", f" after `{name.name}`")
        return name

    def _needless_comma(self, kind: str) -> None:
        if self.lexeme == ",":
            message = f"entries of `{kind}` are not separated by commas; other engines refuse it"
            self.warning("NeedlessComma", message, self.start, self.end, help="remove the comma")
            self.advance()

    def _workflow_hint(self) -> Expression:
        """Parse a literal, where `{ name: value }` is an object."""
        start = self.start
        self.enter()
        value: Expression
        if self.lexeme == "{":
            value = self._hint_object()
        elif self.lexeme == "[":
            self.advance()
            items = self._separated("]", self._workflow_hint)
            value = Array(start, self.close("]", start, more=True), tuple(items))
        else:
            value = self.expression()
            if not isinstance(value, Literal) and not (isinstance(value, String) and _is_plain(value)):
                message = "a hint of a workflow is a literal, not an expression"
                self.error("HintNotLiteral", message, start, self.last)
        self.depth -= 1
        return value

    def _hint_object(self) -> Struct:
        start = self.start
        self.advance()

        def member() -> Member:
            name = self._key()
            value = self._workflow_hint()
            return Member(name.start, self.last, name, value)

        members = self._separated("}", member)
        return Struct(start, self.close("}", start, more=True), None, tuple(members))

    def _separated(self, closing: str, parse: Callable[[], T]) -> list[T]:
        """Parse a comma list up to its closing symbol, which is left; a comma may end it."""
        items: list[T] = []
        while self.lexeme != closing:
            items.append(parse())
            if self.lexeme != ",":
                break
            self.advance()
        return items

    # --- metadata ---------------------------------------------------------------------------------------

    def meta_section(self) -> MetaSection:
        """Parse `meta` or `parameter_meta`."""
        start, kind = self.start, self.lexeme
        self.advance()
        entries: list[MetaEntry] = []

        def entry() -> None:
            name = self._key()
            value = self._meta_value()
            entries.append(MetaEntry(name.start, self.last, name, value))
            self._needless_comma(kind)

        end = self.block(entry, "a name")
        self.no_duplicates([entry.name for entry in entries], f"in `{kind}`")
        return MetaSection(start, end, kind, tuple(entries))

    def _meta_value(self) -> MetaValue:
        """Parse plain data, much like JSON."""
        lexeme = self.lexeme
        if lexeme == "null":
            self.advance()
            return None
        if lexeme == "{":
            return self._meta_object()
        if lexeme == "[":
            opened = self.start
            self.enter()
            self.advance()
            items = self._separated("]", self._meta_value)
            self.close("]", opened, more=True)
            self.depth -= 1
            return items
        if self.kind == TEXT or lexeme in ("'", '"', "<<<"):
            return self._meta_string()
        if self.kind == NUMBER or lexeme in ("-", "true", "false"):
            literal = self.literal()
            assert isinstance(literal, Literal), "a literal that is not a string"
            return literal.value
        return self.unexpected("a string, number, Boolean, `null`, `[` or `{`")

    def _meta_object(self) -> dict[str, MetaValue]:
        opened = self.start
        self.enter()
        self.advance()
        names: list[Identifier] = []

        def item() -> tuple[str, MetaValue]:
            names.append(self._key())
            return names[-1].name, self._meta_value()

        items = dict(self._separated("}", item))
        self.close("}", opened, more=True)
        self.depth -= 1
        self.no_duplicates(names, "in this object")
        return items

    def _meta_string(self) -> str:
        """Parse a string whose placeholders are plain text."""
        start = self.start
        match = _META_STRING.match(self.text, start)
        if self.kind == TEXT or match is None:
            string = self.string()
            if not _is_plain(string):
                self._meta_placeholder(start, string.end)
            return "".join(part if isinstance(part, str) else self.text[part.start : part.end] for part in string.parts)
        if "~{" in match[0] or "${" in match[0]:
            self._meta_placeholder(start, match.end())
        text = self.plain_text(match[0][1:-1], start + 1)
        self.seek(match.end())
        return text

    def _meta_placeholder(self, start: int, end: int) -> None:
        message = "there are no placeholders in metadata; the text is kept as it is"
        self.warning("PlaceholderInMetadata", message, start, end)

    def no_duplicates(self, names: list[Identifier], where: str) -> None:
        """Report names that are given more than once."""
        if len({name.name for name in names}) == len(names):
            return
        first: dict[str, Identifier] = {}
        for name in names:
            if name.name in first:
                earlier = first[name.name]
                again = Label(self.source, name.start, name.end, "again here")
                before = Label(self.source, earlier.start, earlier.end, "first here")
                self.report(Severity.ERROR, "DuplicateEntry", f"`{name.name}` is given twice {where}", again, before)
            else:
                first[name.name] = name
