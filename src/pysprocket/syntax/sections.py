"""The sections of tasks, workflows and structs, but for the command.

In: a cursor at the first word of a section. Out: `Sections`, the part of the parser that makes their nodes. Source:
WDL specification, "Task definition", "Workflow definition", "Metadata sections".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NoReturn, TypeVar

from pysprocket.source.diagnostic import Label
from pysprocket.syntax.cursor import NUMBER, TEXT, WORD
from pysprocket.syntax.declarations import Declarations
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
)

_KEY = re.compile(r"([A-Za-z][A-Za-z0-9_]*+)[ \t]*+:")
_META_STRING = re.compile(r'"(?:[^"\\\n]|\\[^\n])*"|' r"'(?:[^'\\\n]|\\[^\n])*'")
T = TypeVar("T")


class Sections(Declarations):
    """Reading of sections."""

    __slots__ = ()

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
            if self.lexeme in (":", "/", ".") or (self.kind in (WORD, NUMBER) and not self._at_new_entry()):
                self._unquoted(value)
            members.append(Member(name.start, self.last, name, value))
            self._needless_comma(kind)

        end = self.block(entry, "a name")
        self.in_hints = False
        self.no_duplicates([member.name for member in members], f"in `{kind}`", lenient=kind == "runtime")
        return AttributeSection(start, end, kind, tuple(members))

    def _at_new_entry(self) -> bool:
        """Whether the current word begins another entry: on a line of its own, or with a colon after it."""
        return "\n" in self.text[self.last : self.start] or _KEY.match(self.text, self.start) is not None

    def _unquoted(self, value: Expression) -> NoReturn:
        """Fail at a value that goes on after an expression: a text without quotes."""
        end = re.compile(r"[^\n#,}]*").match(self.text, value.start)
        assert end is not None, "the pattern matches the empty text"
        text = end[0].rstrip()
        label = Label(self.source, value.start, value.start + len(text))
        self.fail("UnexpectedToken", "a text stands in quotes", label, help=f'write `"{text}"`')

    def _key(self) -> Identifier:
        """Parse `name:`, tolerating quotes around the name."""
        if (match := _KEY.match(self.text, self.start)) is not None:
            self.seek(match.end())
            return Identifier(match.start(), match.end(1), match[1])
        name = self.key("a name or `}`")
        if self.lexeme == "=":
            self.unexpected(f"`:` after `{name.name}`", help=f"write `{name.name}: value`")
        self.expect(":", f" after `{name.name}`")
        return name

    def _needless_comma(self, kind: str) -> None:
        if self.lexeme == ",":
            message = f"entries of `{kind}` are not separated by commas; other engines refuse it"
            self.leniency("NeedlessComma", message, self.start, self.end, help="remove the comma")
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
            if not isinstance(value, Literal) and not (isinstance(value, String) and value.text is not None):
                message = "a hint of a workflow is a literal, not an expression"
                self.error(
                    "HintNotLiteral", message, start, self.last, help="write a string, number, Boolean or object"
                )
                value = Literal(start, self.last, None)
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
        self.no_duplicates([member.name for member in members], "in this object")
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
            if string.text is None:
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
