"""The parser: from the text of a document to its tree.

In: a `Source`. Out: `parse`, which gives the document and every mistake found on the way; no text makes it raise.
The grammar is spread over the classes that `_Parser` builds on, each in the module of its name: `cursor` (tokens,
recovery), `templates` (strings, commands), `expressions`, `declarations` (types, blocks), `sections`, `workflows`
(statements) and `definitions`. Source: the WDL specifications 1.0 to 1.3.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from pysprocket.nearest import nearest
from pysprocket.source.diagnostic import Diagnostic, Label, Severity
from pysprocket.source.text import Source
from pysprocket.syntax.cursor import END, WORD, Mistake, TooManyMistakes
from pysprocket.syntax.definitions import Definitions
from pysprocket.syntax.habits import FOREIGN, TOP_LEVEL_HABITS, TYPE_WORDS
from pysprocket.syntax.nodes import Document, Expression, Identifier
from pysprocket.syntax.versions import NEWEST, RELEASED, Version, parse_version, reserved_words

_VERSION = re.compile(r"[ \t\r\n]*+(?:#[^\n]*+[ \t\r\n]*+)*version(?:[ \t]++([^\s#{}]++)|(?=[ \t]*(?:[\r\n#]|\Z)))")

_ALMOST_VERSION = re.compile(
    r"(?:v[a-z]{4,7}|wdl(?:\s+version)?)\s*[:=]?\s*[\"']?(\d[\w.-]*|draft-\d|development)[\"']?", re.IGNORECASE
)
_LATER_VERSION = re.compile(r"^(version[ \t]+[\d.]+)[ \t]*(?:#.*)?\r?$", re.MULTILINE)


def parse(source: Source, fallback: str | None = None) -> tuple[Document, list[Diagnostic]]:
    """The tree of a document, and what is wrong with its text.

    Never raises on any text: parts that cannot be read are left out of the tree and a diagnostic says why. The
    document is empty when its version is missing or unknown, and then that is the only error.

    Args:
        source: the text.
        fallback: the released version, such as "1.2", that a document of missing or unknown version is read as.
    """
    parser = _Parser(source)
    parser.fallback = fallback
    return parser.document()


def parse_expression(source: Source) -> tuple[Expression | None, list[Diagnostic]]:
    """The tree of a text that is one expression, of the newest version, and what is wrong with it.

    Never raises on any text; where there is an error the tree is None.
    """
    return _Parser(source).single_expression()


class _Parser(Definitions):
    """Reading of a document."""

    __slots__ = ("fallback",)

    fallback: str | None

    def document(self) -> tuple[Document, list[Diagnostic]]:
        """Parse the whole text."""
        version: Identifier | None = None
        try:
            self._unusual_characters()
            version = self._version()
            if version is not None:
                self._items()
        except TooManyMistakes:
            message = "there are too many mistakes; the rest of the document was not read"
            label = Label(self.source, self.start, self.start)
            self.diagnostics.append(Diagnostic(Severity.ERROR, "TooManyMistakes", message, (label,)))
        document = Document(
            0, len(self.text), version, tuple(self.imports), tuple(self.structs), tuple(self.enums),
            tuple(self.tasks), self.workflow,
        )  # fmt: skip
        return document, self.diagnostics

    def single_expression(self) -> tuple[Expression | None, list[Diagnostic]]:
        """Parse a text that is an expression and nothing else."""
        tree: Expression | None = None
        try:
            self._unusual_characters()
            self.advance()
            tree = self.expression()
            if self.kind != END:
                self.unexpected("an operator or the end of the expression")
        except (Mistake, TooManyMistakes):
            tree = None
        return None if any(each.severity is Severity.ERROR for each in self.diagnostics) else tree, self.diagnostics

    def _unusual_characters(self) -> None:
        if self.text.startswith("\ufeff"):
            self.leniency(
                "ByteOrderMark", "the document begins with a byte order mark", 0, 1, help="save it without one"
            )
            self.text = " " + self.text[1:]
        if (position := self.text.find("\0")) >= 0:
            message, remedy = "the document has a NUL character; is it text?", "save it as UTF-8"
            self.error("UnexpectedCharacter", message, position, position + 1, help=remedy)
            self.text = self.text.replace("\0", " ")

    def _version(self) -> Identifier | None:
        """Parse the version statement; None, with one error, when the document cannot be read without it."""
        match = _VERSION.match(self.text)
        if match is None or match[1] is None:
            # what has a NUL character is no text at all, and that was said
            return None if "\0" in self.source.text else self._missing_version(match)
        start, end = match.span(1)
        word = match[1]
        version = parse_version(word)
        if word not in RELEASED and self.fallback is not None:
            return self._fall_back(f"`{word}` is not a released version", start, end)
        if version is None:
            self._unsupported_version(word, start, end)
            return None
        if word not in RELEASED:
            shown = f"{version[0]}.{version[1]}"
            message = f"`{word}` is not a released version; the document is read as WDL {shown}"
            self.leniency("UnreleasedVersion", message, start, end, help=f"write `version {shown}`")
        return self._take_version(word, version, start, end)

    def _take_version(self, word: str, version: Version, start: int, end: int) -> Identifier:
        self.version, self.reserved = version, reserved_words(version)
        self.seek(end)
        return Identifier(start, end, word)

    def _fall_back(self, reason: str, start: int, end: int, text_from: int | None = None) -> Identifier:
        """Read the document as the version that was asked for, from offset `text_from` (default: `end`)."""
        assert self.fallback is not None, "the caller asks"
        message = f"{reason}; the document is read as WDL {self.fallback}, the fallback version"
        remedy = f"write `version {self.fallback}` in the first line"
        self.leniency("UnreleasedVersion", message, start, end, help=remedy)
        identifier = self._take_version(self.fallback, RELEASED[self.fallback], start, end)
        if text_from is not None:
            self.seek(text_from)
        return identifier

    def _unsupported_version(self, word: str, start: int, end: int) -> None:
        plain = word.strip("\"':=;")
        almost = _ALMOST_VERSION.match(self.text, self.text.rindex("version", 0, start))
        if almost is not None:
            plain = almost[1]
        near = plain if parse_version(plain) else f"{plain}.0" if f"{plain}.0" in RELEASED else None
        help_ = f"write `version {near}`" if near else f"supported versions: {', '.join(RELEASED)}"
        message = f"there is no version `{word}` of WDL"
        if word == "draft-2":
            message, help_ = "draft-2 of WDL is not supported", _UPGRADE
        elif re.fullmatch(r"\d+\.\d+", word) and near is None:
            message = f"WDL {word} is not supported"
        self.error("UnsupportedVersion", message, start, end, help=help_)

    def _missing_version(self, match: re.Match[str] | None) -> Identifier | None:
        """Report that the version is missing, misspelt or not where it belongs."""
        if match is not None:
            message, where = "the version is missing after `version`", match.end()
            self.error("MissingVersion", message, where - len("version"), where, help=f"write `version {_newest()}`")
            return None
        self.advance()
        start, end = self.start, self.end
        almost = _ALMOST_VERSION.match(self.text, start)
        later = _LATER_VERSION.search(self.text, start)
        if self.kind == END:
            self.error(
                "MissingVersion", "the document is empty", start, end, help=f"begin it with `version {_newest()}`"
            )
        elif almost is not None:
            word = almost[1] if parse_version(almost[1]) else _newest()
            message = "the version statement is the word `version`, a space and a number"
            self.error("MissingVersion", message, start, almost.end(), help=f"write `version {word}`")
        elif later is not None:
            first = Label(self.source, start, end, "this comes before it")
            again = Label(self.source, *later.span(1))
            message = "the version must be the first statement of the document"
            self.report(Severity.ERROR, "MissingVersion", message, again, first, help="move it to the first line")
        elif self.lexeme in FOREIGN:
            what, remedy = FOREIGN[self.lexeme]
            self.error("MissingVersion", f"this looks like {what}, not like WDL", start, end, help=remedy)
        elif self.fallback is not None:
            return self._fall_back("the document has no version statement", start, end, start)
        elif self.lexeme not in _ITEMS:
            message = "the document has no version statement"
            remedy = f"begin it with `version {_newest()}` if it is WDL"
            self.error("MissingVersion", message, start, end, "`version` belongs before this", help=remedy)
        else:
            message = "the document has no version statement, as in draft-2 of WDL, which is not supported"
            self.error("MissingVersion", message, start, end, "`version` belongs before this", help=_UPGRADE)
        return None

    def _items(self) -> None:
        while self.kind != END:
            start = self.start
            try:
                self._item()
            except Mistake:
                self.depth, self.height, self.in_hints = 0, 0, False
                if not self.unwinding:
                    self.recover(start)
                    self._stray_brackets()
            self.unwinding = self.unwinding and self.kind == END

    def _stray_brackets(self) -> None:
        """Skip to the next definition: outside of definitions nothing else can be read."""
        while self.kind != END and self.lexeme not in _ITEMS:
            self.skip()

    def _item(self) -> None:
        parse_item = _ITEMS.get(self.lexeme)
        if parse_item is None:
            self._rest_of_command()
            self.unexpected("`import`, `struct`, `enum`, `task` or `workflow`", help=self._habit())
        parse_item(self)

    def _rest_of_command(self) -> None:
        """Fail at the end of the command before, if it was a `}` of the shell and another one ended the task."""
        task = self.tasks[-1] if self.tasks and self.tasks[-1].end == self.last else None
        command = task.command if task is not None else None
        if command is None or command.heredoc:
            return
        if any(isinstance(part, str) and "{" in part for part in command.parts):
            kept = [it for it in self.diagnostics if it.labels[0].start < command.end]
            if not any(it.code == "CommandEnded" and it.labels[0].end == command.end for it in kept):
                self.diagnostics[:] = kept  # what was said of the rest of the task follows from this
                self.command_ended(command.end, "and what follows the task seems to be more of it")
            raise Mistake

    def _habit(self) -> str | None:
        """The remedy for what other languages have outside of tasks and workflows, or for a misspelt word."""
        if self.kind == WORD:
            if self.lexeme in TYPE_WORDS:
                return "declarations stand in a task or workflow"
            close = nearest(self.lexeme.lower(), _ITEMS)
            return TOP_LEVEL_HABITS.get(self.lexeme) or (f"did you mean `{close[0]}`?" if close else None)
        if self.lexeme == "}":
            return "there is one `}` too many, here or above"
        return "a comment begins with `#`" if self.lexeme == "/" else None

    def _repeated_version(self) -> None:
        self.fail("UnexpectedToken", "the version is stated twice", Label(self.source, self.start, self.end))


def _newest() -> str:
    return f"{NEWEST[0]}.{NEWEST[1]}"


_UPGRADE = f"""to upgrade it:
- begin with `version 1.0` (or a later one, up to {_newest()})
- put the declarations that are inputs into `input {{ … }}`
- give each output of the workflow a type, a name and a value: `File bam = align.bam`
- write `command <<< … >>>`, with placeholders `~{{…}}`, where a command holds `}}`
- or set `common.wdl.fallback_version` to "1.0" in the configuration, which reads it as it is where it can"""

_ITEMS: dict[str, Callable[[_Parser], None]] = {
    "import": _Parser.import_statement,
    "struct": _Parser.struct_definition,
    "enum": _Parser.enum_definition,
    "task": _Parser.task_definition,
    "workflow": _Parser.workflow_definition,
    "version": _Parser._repeated_version,
}
