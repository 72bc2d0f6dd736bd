r"""Strings and commands: text with placeholders.

In: a cursor at the opening delimiter. Out: `Templates`, the part of the parser that reads the text between
delimiters, and the rules of each kind of delimiter. Source: WDL specification, "Strings", "Multi-line strings",
"Command section" and "Expression placeholders".
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from pysprocket.source.diagnostic import Label, Severity
from pysprocket.syntax.cursor import END, TEXT, WORD, Cursor, Mistake
from pysprocket.syntax.dedent import dedent, join_continued_lines
from pysprocket.syntax.escapes import unescape
from pysprocket.syntax.nodes import Command, Expression, Literal, Name, Placeholder, PlaceholderOption, String


class _Kind(msgspec.Struct, frozen=True):
    """A kind of template: the pattern of text without placeholder, what ends it, and its name."""

    text: re.Pattern[str]
    closing: str
    name: str


def _kind(ordinary: str, special: str, closing: str, name: str) -> _Kind:
    """The text is characters out of `ordinary`, or one of the `special` sequences."""
    return _Kind(re.compile(f"{ordinary}*+(?:(?:{special}){ordinary}*+)*"), closing, name)


_LONE = r"[~$](?!\{)"
_KINDS = {
    '"': _kind(r'[^"\\\n~$]', rf"\\(?:\r\n|[\s\S])|{_LONE}", '"', "string"),
    "'": _kind(r"[^'\\\n~$]", rf"\\(?:\r\n|[\s\S])|{_LONE}", "'", "string"),
    "<<<": _kind(r"[^\\>~$]", rf"\\[\s\S]|>(?!>>)|{_LONE}", ">>>", "multi-line string"),
    "command <<<": _kind(r"[^\\>~]", r"\\[\s\S]|>(?!>>)|~(?!\{)", ">>>", "command"),
    "command {": _kind(r"[^\\}~$]", rf"\\[\s\S]|{_LONE}", "}", "command"),
}
_ESCAPED_IN_COMMAND = {
    ">>>": re.compile(r"(?<!\\)((?:\\\\)*)(?:\\(>>>|~\{)|>\\>>|>>\\>)"),
    "}": re.compile(r"(?<!\\)((?:\\\\)*)\\(\}|[~$]\{)"),
}
# What follows a string without closing quote when it was meant to span lines: an odd number of quotes in a line soon.
_CLOSED_LATER = {
    quote: re.compile(
        rf"(?:\r?\n[^{{}}=<>{quote}\n]*){{1,5}}{quote}(?=[^{quote}\n]*(?:{quote}[^{quote}\n]*{quote}[^{quote}\n]*)*+(?:\n|\Z))"
    )
    for quote in ("'", '"')
}
_SECTION_START = re.compile(
    r"^([ \t]*+)((?:output|runtime|requirements|hints|meta|parameter_meta)(?=[ \t]*+\{)"
    r"|(?:task|workflow)(?=[ \t]++\w++[ \t]*+\{)|command(?=[ \t]*+(?:<<<|\{)))",
    re.MULTILINE,
)
_SIMPLE_PLACEHOLDER = re.compile(r"[~$]\{[ \t]*+([A-Za-z][A-Za-z0-9_]*+)[ \t]*+\}")
_OPTION = re.compile(r"\s*(sep|default|true|false)\s*=(?!=)")
_OF_THE_SHELL = "for the variables of the shell write `command <<< … >>>`, where `${…}` is plain text"
_NOT_NAMES = frozenset({"true", "false", "None", "object", "if", "then", "else"})


def assemble(texts: Sequence[str], placeholders: Sequence[Placeholder]) -> tuple[str | Placeholder, ...]:
    """Texts and the placeholders between them, in order; empty texts are left out."""
    if not placeholders:
        return (texts[0],) if texts[0] else ()
    parts: list[str | Placeholder] = []
    for text, placeholder in zip(texts, placeholders, strict=False):
        if text:
            parts.append(text)
        parts.append(placeholder)
    if texts[-1]:
        parts.append(texts[-1])
    return tuple(parts)


class Templates(Cursor):
    """Reading of strings and commands."""

    __slots__ = ()

    def expression(self, minimum: int = 0) -> Expression:
        """Parse an expression; see `expressions.Expressions`."""
        raise NotImplementedError

    def literal(self) -> Expression:
        """Parse a literal that stands alone; see `expressions.Expressions`."""
        raise NotImplementedError

    # --- strings ----------------------------------------------------------------------------------------

    def string(self) -> String:
        """Parse a string of any kind; the current token is its opening delimiter or all of it."""
        start, end, lexeme = self.start, self.end, self.lexeme
        if self.kind == TEXT:
            self.advance()
            return String(start, end, (lexeme[1:-1],) if end - start > 2 else ())
        if lexeme == "<<<":
            return self._multiline_string()
        texts, placeholders, end = self._template(_KINDS[lexeme], start)
        texts = self._unescaped(texts, placeholders, start + 1)
        self.seek(end)
        return String(start, end, assemble(texts, placeholders))

    def _multiline_string(self) -> String:
        start = self.start
        self.require("multi-line string", start, self.end)
        texts, placeholders, end = self._template(_KINDS["<<<"], start)
        self._unescaped(texts, placeholders, start + 3, multiline=True)
        texts = dedent(join_continued_lines(texts))
        texts = [unescape(text, self.version, multiline=True)[0] for text in texts]
        self.seek(end)
        return String(start, end, assemble(texts, placeholders), multiline=True)

    def _unescaped(
        self, texts: list[str], placeholders: list[Placeholder], start: int, *, multiline: bool = False
    ) -> list[str]:
        starts = [start, *(placeholder.end for placeholder in placeholders)]
        return [self.plain_text(text, offset, multiline=multiline) for text, offset in zip(texts, starts, strict=True)]

    def plain_text(self, text: str, start: int, *, multiline: bool = False) -> str:
        """The text with escapes resolved; the faults of the escapes are reported."""
        plain, faults = unescape(text, self.version, multiline=multiline)
        for fault in faults:
            if fault.unknown:
                hint = "both characters are kept; write `\\\\` for a backslash"
                self.leniency("UnknownEscape", fault.message, start + fault.start, start + fault.end, help=hint)
            else:
                self.error("InvalidEscape", fault.message, start + fault.start, start + fault.end)
        return plain

    # --- commands ---------------------------------------------------------------------------------------

    def command(self) -> Command:
        """Parse a command section; the current token is the word `command`."""
        start = self.start
        self.advance()
        self.no_colon()
        if self.lexeme not in ("<<<", "{"):
            self.unexpected("`<<<` or `{` after `command`", help="write `command <<< … >>>`")
        heredoc = self.lexeme == "<<<"
        kind = _KINDS[f"command {self.lexeme}"]
        opened = self.start
        texts, placeholders, end = self._template(kind, opened)
        self._check_swallowed(start, opened, end)
        if any("\\" in text for text in texts):
            escaped = _ESCAPED_IN_COMMAND[kind.closing]
            texts = [escaped.sub(lambda match: match[1] + (match[2] or ">>>"), text) for text in texts]
        self.seek(end)
        if not heredoc and self.kind not in (WORD, END) and self.lexeme != "}":
            self._ended_early(start, end)
        return Command(start, end, assemble(dedent(texts), placeholders), heredoc)

    def _check_swallowed(self, start: int, opened: int, end: int) -> None:
        """Warn of a command that holds what looks like the next section, because it was not closed."""
        found = self._next_section(start, opened, end)
        if found is not None:
            closing = ">>>" if self.text.startswith("<<<", opened) else "}"
            opener = Label(self.source, start, opened, "in this command")
            message = f"this looks like `{found[2]}` of WDL, and is text of the command"
            help_ = f"write `{closing}` before it if the command was to end"
            self.report(Severity.WARNING, "SectionInCommand", message, Label(self.source, *found.span(2)), opener,
                        help=help_)  # fmt: skip

    def _next_section(self, start: int, opened: int, end: int) -> re.Match[str] | None:
        """The first line of a command that stands like the section it is in, and begins one."""
        line = self.text.rfind("\n", 0, start) + 1
        margin = self.text[line:start]
        if margin and not margin.isspace():
            return None
        for found in _SECTION_START.finditer(self.text, opened, end):
            if found[1] == margin or (not found[1] and found[2] in ("task", "workflow")):
                return found
        return None

    def command_ended(self, end: int, sign: str) -> None:
        """Report the `}` before offset `end`, which ended a command that was meant to go on."""
        label = Label(self.source, end - 1, end, "the command ends here")
        remedy = "write `command <<< … >>>`, in which braces are plain text, or `\\}`"
        self.report(Severity.ERROR, "CommandEnded", f"this `}}` ends the command, {sign}", label, help=remedy)

    def _ended_early(self, start: int, end: int) -> None:
        """Report a `}` of the shell that ended a command, and pass over what was meant to be in the command."""
        self.command_ended(end, "but more of it seems to follow")
        line = self.text.rfind("\n", 0, start) + 1
        margin = self.text[line:start]
        closing = re.compile(rf"^{margin}\}}" if margin.isspace() or not margin else r"\}", re.MULTILINE)
        match = closing.search(self.text, self.start)
        if match is not None:
            self.seek(match.end())

    # --- what they share --------------------------------------------------------------------------------

    def _template(self, kind: _Kind, opened: int) -> tuple[list[str], list[Placeholder], int]:
        """The texts, the placeholders between them, and the offset after the closing delimiter."""
        text, position = self.text, self.end
        texts: list[str] = []
        placeholders: list[Placeholder] = []
        while True:
            match = kind.text.match(text, position)
            assert match is not None, "the pattern matches the empty text"
            texts.append(match[0])
            position = match.end()
            if text.startswith(kind.closing, position):
                return texts, placeholders, position + len(kind.closing)
            if position >= len(text) or text[position] not in "~$":
                self._unterminated(kind, opened, position)
            placeholder = self._placeholder_in(kind, position)
            placeholders.append(placeholder)
            position = placeholder.end

    def _unterminated(self, kind: _Kind, opened: int, position: int) -> None:
        width = len(self.lexeme)
        self.seek(position)
        self.failed_at = opened
        message = f"this {kind.name} is not closed"
        where = "on the same line" if kind.name == "string" else "before the end of the document"
        remedy = f"write `{kind.closing}` {where}"
        if kind.name == "string" and (later := _CLOSED_LATER[kind.closing].match(self.text, position)):
            self.failed_at = later.end()  # nothing before it is complained of
            message = "this string goes on over the end of the line"
            remedy = "write `\\n` for a line break, or `<<< … >>>` (WDL 1.2) for a longer text"
        label = Label(self.source, opened, opened + width, "opened here")
        more: tuple[Label, ...] = ()
        if kind.name == "command" and (found := self._next_section(self._word_before(opened), opened, len(self.text))):
            more = (Label(self.source, *found.span(2), "this looks like what follows the command"),)
            remedy = f"write `{kind.closing}` before it"
        self.report(Severity.ERROR, "Unterminated", message, label, *more, help=remedy)
        self.unwinding = position >= len(self.text)
        raise Mistake

    def _word_before(self, opened: int) -> int:
        """The offset of the word `command` before its opening symbol."""
        return self.text.rfind("command", 0, opened)

    def _placeholder_in(self, kind: _Kind, start: int) -> Placeholder:
        match = _SIMPLE_PLACEHOLDER.match(self.text, start)
        if match is not None and match[1] not in _NOT_NAMES:
            return Placeholder(start, match.end(), Name(match.start(1), match.end(1), match[1]))
        if kind.name != "command":
            return self._placeholder(start)
        depth, in_hints = self.depth, self.in_hints
        try:
            return self._placeholder(start)
        except Mistake:
            self.depth, self.in_hints = depth, in_hints
            end = self._after_broken_placeholder(start)
            return Placeholder(start, end, Literal(start, end, None))

    def _after_broken_placeholder(self, start: int) -> int:
        """Where a command goes on: after the `}` that closes the placeholder, or else at the end of its line."""
        line_end = self.text.find("\n", start)
        line_end = len(self.text) if line_end < 0 else line_end
        depth = 0
        self.seek(start + 1)
        while self.start < line_end:
            if self.lexeme == ">>>":
                return self.start
            depth += {"{": 1, "}": -1}.get(self.lexeme, 0)
            if depth <= 0:
                return self.end
            self.advance()
        return line_end

    def _placeholder(self, start: int) -> Placeholder:
        self.enter()
        if self.text.startswith("${#", start):  # a comment to WDL, which would hide the end of the placeholder
            label = Label(self.source, start, start + 3, "unexpected")
            self.fail("UnexpectedToken", "`${#…}` is no placeholder", label, help=_OF_THE_SHELL)
        options = self._options(start + 2) if _OPTION.match(self.text, start + 2) else ()
        if not options:
            self.seek(start + 2)
            if self.lexeme == "}":
                self.unexpected("an expression", help="a placeholder holds a value: `~{name}`")
        expression = self.expression()
        if self.lexeme != "}":
            opener = Label(self.source, start, start + 2, "opened here")
            self.unexpected("`}` to close the placeholder", opener, help=self._placeholder_help(start))
        self.depth -= 1
        return Placeholder(start, self.end, expression, options)

    def _placeholder_help(self, start: int) -> str:
        if self.lexeme == "=":
            return "the options of a placeholder are `sep`, `default`, `true` and `false`; `==` compares"
        if self.text[start] == "$" and "\n" not in self.text[start : self.start]:
            return _OF_THE_SHELL
        return "write `}` where the placeholder ends"

    def _options(self, position: int) -> tuple[PlaceholderOption, ...]:
        options: list[PlaceholderOption] = []
        while match := _OPTION.match(self.text, position):
            self.seek(match.end())
            value = self.literal()
            options.append(PlaceholderOption(match.start(1), value.end, match[1], value))
            position = self.last
        self._check_options(options)
        return tuple(options)

    def _check_options(self, options: list[PlaceholderOption]) -> None:
        names = [option.name for option in options]
        for index, option in enumerate(options):
            if option.name in names[:index]:
                message = f"the placeholder option `{option.name}` is given twice"
                self.error("DuplicateOption", message, option.start, option.end)
        if len({"true" if name == "false" else name for name in names}) > 1:
            message = "several options in one placeholder; other engines refuse it"
            hint = "use functions: `sep()`, `select_first()`, `if … then … else …`"
            self.leniency("SeveralOptions", message, options[0].start, options[-1].end, help=hint)
