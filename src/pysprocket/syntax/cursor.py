"""Tokens of a document, one at a time, and the reporting of mistakes.

In: a `Source`. Out: `Cursor`, the base of the parser: it holds the current token, moves to the next one, collects
diagnostics, and finds the place to go on after a mistake.

A token is told by its text: `self.lexeme == "{"` cannot be a string, whose token begins with its quote. Whitespace
and comments before a token are skipped in the same match. Strings without placeholders and escapes are one token;
any other string, and a command, is only opened by a token: the parser reads on from `self.end` itself.
"""

from __future__ import annotations

import re
from typing import NoReturn

from pysprocket.source.diagnostic import Diagnostic, Label, Severity
from pysprocket.source.text import Source
from pysprocket.source.visible import visible
from pysprocket.syntax.habits import LIST_HABITS, TYPE_WORDS
from pysprocket.syntax.nodes import Identifier
from pysprocket.syntax.versions import FEATURES, NEWEST, TOLERATED_NAMES, Version, reserved_words

WORD, SYMBOL, TEXT, NUMBER, END, OTHER = range(1, 7)

# Groups are not repeated possessively, only single characters: with a look-ahead inside, such a group loses its
# position in Python 3.11.0 to 3.11.4.
_TRIVIA = r"[ \t\r\n]*+(?:#[^\n]*+[ \t\r\n]*+)*"
_QUOTED = r"{0}[^{0}\\\n~$]*+(?:[~$](?!\{{)[^{0}\\\n~$]*+)*{0}"
_TOKEN = re.compile(
    _TRIVIA + r"(?:([A-Za-z][A-Za-z0-9_]*+)"
    r"|(==|=|[{}:,()\[\]]|\.(?![0-9])|!=|<=|>=|&&|\|\||\*\*|<<<|>>>|[-+*/%<>!?])"
    rf"|({_QUOTED.format(chr(34))}|{_QUOTED.format(chr(39))})"
    r"|(0[xX][A-Za-z0-9_]*+|\.?[0-9][A-Za-z0-9_.]*+(?:(?<=[eE])[+-][0-9][A-Za-z0-9_.]*+)*)"
    r"|(\Z)"
    r"|(['\"]|[^\x00-\x7f]++|[\s\S]))"
)
match_token = _TOKEN.match

_DEFINITION = re.compile(r"(?:task|workflow|struct|enum)[ \t]+[A-Za-z][A-Za-z0-9_]*\s*[{\[]|import[ \t]+[\"']")
DEFINITION_WORDS = frozenset({"task", "workflow", "struct", "enum", "import"})
_NO_BLOCKS = frozenset({"in", "left", "right", "version"})  # reserved words that open no block
_BLOCK_OPENING = re.compile(r"\s*(?:<<<|\{)")
_COMMAND_ENDS = {"<<<": re.compile(r"(?<!\\)>>>"), "{": re.compile(r"(?<!\\)\}")}
_COLON = re.compile(r"\s*:")
_LINE_REST = re.compile(r"[^\n]*")
_MAXIMUM = 200
_LONGEST_MESSAGE = 300  # names in a hostile document can be megabytes long
NESTING_LIMIT = 100


NAMES = "a name consists of the letters A to Z, digits and `_`, and begins with a letter"


class Mistake(Exception):  # noqa: N818 - it never leaves the parser
    """A construct cannot be read further; its diagnostic is already collected."""


class TooManyMistakes(Exception):  # noqa: N818 - it never leaves the parser
    """There are so many diagnostics that more would not help."""


def _character_help(character: str) -> str | None:
    """What to do about a character that WDL does not use, when it looks like a usual slip."""
    if character[0] in "\u2018\u2019\u201c\u201d":
        return "write plain quotes: `\"` or `'`"
    if character[0] in "\u00a0\u2007\u202f\u3000":
        return "this looks like a space but is not; write a plain one"
    if character[0] == "_":
        return "a name begins with a letter"
    if character == ";":
        return "nothing ends a statement: remove it"
    if character in "$~":
        return 'a placeholder stands in a string: `"~{x}"`; outside of strings write the name alone'
    return "write `&&` or `||`" if character in "&|" else None


class Cursor:
    """The current token of a source, and the diagnostics so far.

    Attributes:
        kind: WORD, SYMBOL, TEXT (a plain string), NUMBER, END or OTHER.
        lexeme: the text of the token, empty at the end.
        start: the offset of the token.
        end: the offset after the token.
        last: the offset after the token before it.
        failed_at: the offset of the last mistake.
        depth: how many constructs around the current one are open.
        unwinding: an unclosed block was reported, and all blocks around it end silently.
        warnings: how many there were, kept or not.
    """

    __slots__ = (
        "depth", "diagnostics", "end", "failed_at", "height", "in_hints", "kind", "last", "lexeme", "reserved",
        "source", "start", "text", "unwinding", "version", "warnings",
    )  # fmt: skip

    def __init__(self, source: Source) -> None:
        self.source = source
        self.text = source.text
        self.diagnostics: list[Diagnostic] = []
        self.version: Version = NEWEST
        self.reserved = reserved_words(NEWEST)
        self.kind = self.start = self.end = self.last = self.depth = self.height = self.warnings = 0
        self.lexeme = ""
        self.in_hints = False
        self.unwinding = False
        self.failed_at = -1

    def advance(self) -> None:
        """Go to the next token."""
        match = match_token(self.text, self.end)
        assert match is not None, "the pattern has an alternative for every character and for the end"
        self.last = self.end
        self.kind = kind = match.lastindex or END
        self.lexeme = match[kind]
        self.start, self.end = match.span(kind)

    def seek(self, offset: int) -> None:
        """Make the token at or after an offset the current one."""
        self.end = offset
        self.advance()

    def expect(self, symbol: str, purpose: str = "") -> int:
        """Consume a token that must be `symbol`; the offset after it."""
        if self.lexeme != symbol:
            self.unexpected(f"`{symbol}`{purpose}")
        end = self.end
        self.advance()
        return end

    def close(self, symbol: str, opened: int, *, more: bool = False) -> int:
        """Consume the closing symbol of a bracket opened at an offset, where `more` could have followed a comma.

        Gives the offset after it.
        """
        if self.lexeme != symbol:
            opener = Label(self.source, opened, opened + 1, "opened here")
            self.unexpected(f"`,` or `{symbol}`" if more else f"`{symbol}`", opener, help=self._unseparated(symbol))
        end = self.end
        self.advance()
        return end

    def _unseparated(self, closing: str) -> str | None:
        """What is missing before a token that cannot follow an item of a list."""
        if self.kind in (TEXT, NUMBER) or (self.kind == WORD and self.lexeme not in self.reserved):
            return "write `,` between the items"
        if self.lexeme in TYPE_WORDS or self.lexeme in ("{", "call", "command", "output", "task", "workflow"):
            return f"write `{closing}` where the list or group ends"
        return LIST_HABITS["="] if self.lexeme == "=" and closing == ")" else None

    # --- names ------------------------------------------------------------------------------------------

    def word(self, what: str) -> Identifier:
        """Consume a word, reserved or not, as a name (member, key, reference)."""
        if self.kind != WORD:
            self.unexpected(what, help=NAMES if self.kind == NUMBER or self.lexeme[:1].isalpha() else None)
        identifier = Identifier(self.start, self.end, self.lexeme)
        self.advance()
        return identifier

    def key(self, what: str) -> Identifier:
        """Consume a name before a colon, tolerating quotes around it."""
        if self.kind != TEXT or not _COLON.match(self.text, self.end):
            return self.word(what)
        name = Identifier(self.start, self.end, self.lexeme[1:-1])
        message = f"the key {self.lexeme} is in quotes; other engines refuse it"
        self.leniency("QuotedKey", message, self.start, self.end, help="remove the quotes")
        self.advance()
        return name

    def new_name(self, what: str) -> Identifier:
        """Consume a word that names something new; reserved words are reported."""
        if self.kind == WORD and self.lexeme in self.reserved:
            self._reserved_name(what)
        return self.word(what)

    def _reserved_name(self, what: str) -> None:
        if "\n" in self.text[self.last : self.start]:
            self.unexpected(what)
        if _BLOCK_OPENING.match(self.text, self.end) and self.lexeme not in _NO_BLOCKS:
            self.unexpected(what, help=f"`{self.lexeme}` is a word of the language: choose another name")
        label = Label(self.source, self.start, self.end, "reserved")
        message = f"`{self.lexeme}` is a reserved word and cannot be {what}"
        if self.lexeme not in TOLERATED_NAMES:
            self.fail("ReservedWord", message, label, help="choose another name")
        message = f"`{self.lexeme}` is a reserved word; other engines refuse it as {what}"
        self.report(Severity.WARNING, "ReservedWordAsName", message, label, help="choose another name", lenient=True)

    def no_colon(self) -> None:
        """Report a colon after the name of a section, and pass over it."""
        if self.lexeme == ":" and self.at_block():
            message = "the name of a section has no `:` after it"
            self.error("UnexpectedToken", message, self.start, self.end, "unexpected", help="remove it")
            self.advance()

    def at_block(self) -> bool:
        """Whether a `{` or `<<<` follows the current token."""
        return _BLOCK_OPENING.match(self.text, self.end) is not None

    # --- reporting --------------------------------------------------------------------------------------

    def report(
        self,
        severity: Severity,
        code: str,
        message: str,
        *labels: Label,
        help: str | None = None,  # noqa: A002 - the field's name
        lenient: bool = False,
    ) -> None:
        """Collect a diagnostic and go on."""
        message = visible(message if len(message) <= _LONGEST_MESSAGE else message[:_LONGEST_MESSAGE] + "…")
        diagnostic = Diagnostic(severity, code, message, labels, help, lenient)
        if severity is not Severity.ERROR:
            self.warnings += 1
            if self.warnings <= _MAXIMUM:  # more would not help, and a document is not refused for them
                self.diagnostics.append(diagnostic)
            return
        self.diagnostics.append(diagnostic)
        if len(self.diagnostics) - min(self.warnings, _MAXIMUM) >= _MAXIMUM:
            raise TooManyMistakes

    def error(self, code: str, message: str, start: int, end: int, label: str = "", *, help: str | None = None) -> None:  # noqa: A002
        """Collect an error about one place and go on."""
        self.report(Severity.ERROR, code, message, Label(self.source, start, end, label), help=help)

    def warning(self, code: str, message: str, start: int, end: int, *, help: str | None = None) -> None:  # noqa: A002
        """Collect a warning about one place and go on."""
        self.report(Severity.WARNING, code, message, Label(self.source, start, end), help=help)

    def leniency(self, code: str, message: str, start: int, end: int, *, help: str | None = None) -> None:  # noqa: A002
        """Collect a warning about something at one place that is not WDL but accepted, and go on."""
        self.report(Severity.WARNING, code, message, Label(self.source, start, end), help=help, lenient=True)

    def fail(self, code: str, message: str, *labels: Label, help: str | None = None) -> NoReturn:  # noqa: A002
        """Collect an error, unless it is about a place already complained of, and give up the construct."""
        where = labels[0].start
        if where != self.failed_at and not self.unwinding:
            self.failed_at = where
            self.report(Severity.ERROR, code, message, *labels, help=help)
        raise Mistake

    def unexpected(self, expected: str, *more: Label, help: str | None = None) -> NoReturn:  # noqa: A002
        """Fail because the current token is not what the grammar wants; `help` is a remedy, if there is one."""
        code, found, hint = self._describe()
        hint = hint or help
        after_a_whole = expected.endswith(" or `}`") and (self.lexeme != "?" or expected.startswith("a "))
        if after_a_whole or self.text.startswith("//", self.start - 1):
            hint = hint or LIST_HABITS.get(self.lexeme)
        if self.kind == END:
            label = Label(self.source, self.last, self.last)
        else:
            label = Label(self.source, self.start, self.end, "unexpected")
        self.fail(code, f"expected {expected}, found {found}", label, *more, help=hint)

    def _describe(self) -> tuple[str, str, str | None]:
        if self.kind == END:
            return "UnexpectedEnd", "the end of the document", None
        shown = self.lexeme if len(self.lexeme) <= 40 else self.lexeme[:39] + "…"
        if self.kind == TEXT:
            return "UnexpectedToken", "a string", None
        if self.lexeme in ("'", '"'):
            return "UnexpectedToken", "a string", None
        if self.kind == OTHER:
            return "UnexpectedCharacter", f"`{shown}`, which WDL does not use", _character_help(self.lexeme)
        reserved = "the reserved word " if self.kind == WORD and self.lexeme in self.reserved else ""
        return "UnexpectedToken", f"{reserved}`{shown}`", None

    def require(self, feature: str, start: int, end: int) -> None:
        """Report a feature that is newer than the version of the document."""
        since, subject = FEATURES[feature].since, FEATURES[feature].subject
        if self.version < since:
            wanted = f"{since[0]}.{since[1]}"
            mine = f"{self.version[0]}.{self.version[1]}"
            message = f"{subject} WDL {wanted}, and this document says `version {mine}`"
            instead = FEATURES[feature].instead
            remedy = f"{instead}, or use `version {wanted}`" if instead else f"use `version {wanted}` or later"
            self.error("NewerVersionNeeded", message, start, end, help=remedy)

    def enter(self) -> None:
        """Count one more open construct; too many are a mistake, so that no stack overflows."""
        self.depth += 1
        if self.depth > NESTING_LIMIT:
            self.too_deep(self.start, self.end)

    def too_deep(self, start: int, end: int) -> NoReturn:
        """Fail because constructs are nested too deeply."""
        label = Label(self.source, start, end, "too deep")
        self.fail("TooDeeplyNested", "this is nested too deeply", label, help="split it into several declarations")

    # --- recovery ---------------------------------------------------------------------------------------

    def at_definition(self) -> bool:
        """Whether the current token begins a task, workflow, struct, enum or import at the left margin."""
        return (
            self.lexeme in DEFINITION_WORDS
            and _DEFINITION.match(self.text, self.start) is not None
            and (self.start == 0 or self.text[self.start - 1] == "\n")
        )

    def recover(self, item: int) -> None:
        """Go to where reading can continue after a mistake in the item that began at offset `item`.

        That is the bracket that closes the block around the item, the next item (a word that begins a line, with
        all brackets of the item closed or not indented deeper than the item), or a definition at the left margin.
        """
        mistake = max(self.failed_at, item)
        margin = self._indentation(item)
        brackets: list[str] = []
        self.seek(item)
        while self.kind != END:
            if self.start >= mistake and self.start > item and self._can_continue(brackets, margin):
                return
            if not self._track(brackets) and self.start >= mistake:
                return
            self.skip()

    def _indentation(self, offset: int) -> int:
        """The indentation of the line that begins with the token at an offset; -1 if another token is before it."""
        line = self.text.rfind("\n", 0, offset) + 1
        return offset - line if self.text[line:offset].isspace() or line == offset else -1

    def _can_continue(self, brackets: list[str], margin: int) -> bool:
        """Whether the current token begins a line, and with it something that can be read."""
        if self.kind != WORD or "\n" not in self.text[self.last : self.start]:
            return False
        if not brackets or self.at_definition():
            return True
        return self.start - self.text.rfind("\n", 0, self.start) - 1 <= margin

    def _track(self, brackets: list[str]) -> bool:
        """Note the current lexeme in the stack of open brackets; False if it closes the block around all of them."""
        lexeme = self.lexeme
        if lexeme in ("{", "(", "["):
            brackets.append(lexeme)
        elif lexeme == "}":
            while brackets:
                if brackets.pop() == "{":
                    return True
            return False
        elif lexeme in (")", "]") and brackets and brackets[-1] != "{":
            brackets.pop()
        return True

    def skip(self) -> None:
        """Go to the next token, over strings and commands."""
        if self.lexeme in ("'", '"'):
            self.end = _LINE_REST.match(self.text, self.end).end()  # type: ignore[union-attr]
        elif self.lexeme in ("command", "commands") and (opening := _BLOCK_OPENING.match(self.text, self.end)):
            end = _COMMAND_ENDS[opening[0].strip()].search(self.text, opening.end())
            self.end = end.end() if end else len(self.text)
        self.advance()
