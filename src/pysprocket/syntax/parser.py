"""The parser: from the text of a document to its tree.

In: a `Source`. Out: `parse`, which gives the document and every mistake found on the way; no text makes it raise.
The grammar is spread over the classes that `_Parser` builds on, each in the module of its name: `cursor` (tokens,
recovery), `templates` (strings, commands), `expressions`, `declarations` (types, blocks), `sections`, `workflows`
(statements) and `definitions`. Source: the WDL specifications 1.0 to 1.3.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from pysprocket.source.diagnostic import Diagnostic, Label, Severity
from pysprocket.source.text import Source
from pysprocket.syntax.cursor import END, Mistake, TooManyMistakes
from pysprocket.syntax.definitions import Definitions
from pysprocket.syntax.nodes import Document, Identifier
from pysprocket.syntax.versions import NEWEST, RELEASED, parse_version, reserved_words

_VERSION = re.compile(r"[ \t\r\n]*+(?:#[^\n]*+[ \t\r\n]*+)*version(?:[ \t]++([^\s#{}]++)|(?=[ \t]*(?:[\r\n#]|\Z)))")


def parse(source: Source) -> tuple[Document, list[Diagnostic]]:
    """The tree of a document, and what is wrong with its text.

    Never raises on any text: parts that cannot be read are left out of the tree and a diagnostic says why. The
    document is empty when its version is missing or unknown, and then that is the only error.
    """
    return _Parser(source).document()


class _Parser(Definitions):
    """Reading of a document."""

    __slots__ = ()

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

    def _unusual_characters(self) -> None:
        if self.text.startswith("\ufeff"):
            self.warning(
                "ByteOrderMark", "the document begins with a byte order mark", 0, 1, help="save it without one"
            )
            self.text = " " + self.text[1:]
        if (position := self.text.find("\0")) >= 0:
            self.error("UnexpectedCharacter", "the document has a NUL character; is it text?", position, position + 1)
            self.text = self.text.replace("\0", " ")

    def _version(self) -> Identifier | None:
        """Parse the version statement; None, with one error, when the document cannot be read without it."""
        match = _VERSION.match(self.text)
        if match is None or match[1] is None:
            self._missing_version(match)
            return None
        start, end = match.span(1)
        word = match[1]
        version = parse_version(word)
        if version is None:
            known = ", ".join(RELEASED)
            help_ = f"supported versions: {known}" + ("" if word != "draft-2" else f"; {_UPGRADE}")
            self.error("UnsupportedVersion", f"WDL version `{word}` is not supported", start, end, help=help_)
            return None
        if word not in RELEASED:
            shown = f"{version[0]}.{version[1]}"
            message = f"`{word}` is not a released version; the document is read as WDL {shown}"
            self.warning("UnreleasedVersion", message, start, end, help=f"write `version {shown}`")
        self.version, self.reserved = version, reserved_words(version)
        self.seek(end)
        return Identifier(start, end, word)

    def _missing_version(self, match: re.Match[str] | None) -> None:
        if match is not None:
            message, where = "the version is missing after `version`", match.end()
            self.error("MissingVersion", message, where - len("version"), where, help=f"write `version {_newest()}`")
            return
        self.advance()
        if self.kind == END:
            help_ = f"begin it with `version {_newest()}`"
            self.error("MissingVersion", "the document is empty", self.start, self.end, help=help_)
            return
        message = "the document has no version statement, so it is written in draft-2 of WDL, which is not supported"
        self.error("MissingVersion", message, self.start, self.end, "`version` belongs before this", help=_UPGRADE)

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
            self.unexpected("`import`, `struct`, `enum`, `task` or `workflow`")
        parse_item(self)

    def _repeated_version(self) -> None:
        self.fail("UnexpectedToken", "the version is stated twice", Label(self.source, self.start, self.end))


def _newest() -> str:
    return f"{NEWEST[0]}.{NEWEST[1]}"


_UPGRADE = (
    f"upgrade it: begin with `version {_newest()}` (or `version 1.0`), put the declarations that are inputs into "
    "`input { … }`, and spell out the outputs of the workflow"
)

_ITEMS: dict[str, Callable[[_Parser], None]] = {
    "import": _Parser.import_statement,
    "struct": _Parser.struct_definition,
    "enum": _Parser.enum_definition,
    "task": _Parser.task_definition,
    "workflow": _Parser.workflow_definition,
    "version": _Parser._repeated_version,
}
