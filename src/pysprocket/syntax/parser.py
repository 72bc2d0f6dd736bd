"""The parser: from the text of a document to its tree.

In: a `Source`. Out: `parse`, which gives the document and every mistake found on the way; no text makes it raise.
The grammar is spread over the classes that `_Parser` builds on: `cursor` (tokens, recovery), `templates` (strings,
commands), `expressions`, `sections` (types, declarations, sections) and `workflows` (statements). Source: the WDL
specifications 1.0 to 1.3.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

from pysprocket.source.diagnostic import Diagnostic, Label, Severity
from pysprocket.source.text import Source
from pysprocket.syntax.cursor import END, TEXT, Mistake, TooManyMistakes
from pysprocket.syntax.nodes import (
    AttributeSection,
    Choice,
    Command,
    Declaration,
    Document,
    EnumDefinition,
    Identifier,
    Import,
    ImportAlias,
    InputSection,
    MetaSection,
    OutputSection,
    Statement,
    StructDefinition,
    Task,
    Workflow,
)
from pysprocket.syntax.versions import NEWEST, RELEASED, parse_version, reserved_words
from pysprocket.syntax.workflows import Workflows

_VERSION = re.compile(r"[ \t\r\n]*+(?:#[^\n]*+[ \t\r\n]*+)*version(?:[ \t]++([^\s#{}]++)|(?=[ \t]*(?:[\r\n#]|\Z)))")
_Section = InputSection | OutputSection | AttributeSection | MetaSection | Command
S = TypeVar("S", bound=_Section)


def parse(source: Source) -> tuple[Document, list[Diagnostic]]:
    """The tree of a document, and what is wrong with its text.

    Never raises on any text: parts that cannot be read are left out of the tree and a diagnostic says why. The
    document is empty when its version is missing or unknown, and then that is the only error.
    """
    return _Parser(source).document()


class _Sections:
    """The sections of a task, workflow or struct as they come: of each kind, the first one counts."""

    def __init__(self, parser: Workflows) -> None:
        self._parser = parser
        self._found: dict[str, _Section] = {}

    def add(self, kind: str, section: _Section) -> None:
        if kind not in self._found:
            self._found[kind] = section
            return
        first, source = self._found[kind], self._parser.source
        again = Label(source, section.start, section.start + len(kind), "again here")
        before = Label(source, first.start, first.start + len(kind), "first here")
        message = f"the section `{kind}` is given twice"
        self._parser.report(Severity.ERROR, "DuplicateSection", message, again, before)

    def get(self, kind: str, type_: type[S]) -> S | None:
        section = self._found.get(kind)
        assert section is None or isinstance(section, type_), "each kind of section has one type"
        return section


class _Parser(Workflows):
    """Reading of a document and its definitions."""

    __slots__ = ("_enums", "_imports", "_structs", "_tasks", "_workflow")

    def __init__(self, source: Source) -> None:
        super().__init__(source)
        self._imports: list[Import] = []
        self._structs: list[StructDefinition] = []
        self._enums: list[EnumDefinition] = []
        self._tasks: list[Task] = []
        self._workflow: Workflow | None = None

    # --- document ---------------------------------------------------------------------------------------

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
            0, len(self.text), version, tuple(self._imports), tuple(self._structs), tuple(self._enums),
            tuple(self._tasks), self._workflow,
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
            self.error("UnsupportedVersion", f"WDL version `{word[:40]}` is not supported", start, end, help=help_)
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

    # --- import, struct, enum ---------------------------------------------------------------------------

    def _import(self) -> None:
        start = self.start
        self.advance()
        if self.kind != TEXT and self.lexeme not in ("'", '"'):
            self.unexpected("the location of a document in quotes")
        uri = self.string()
        if any(not isinstance(part, str) for part in uri.parts):
            self.error("PlaceholderInImport", "the location of an import has no placeholders", uri.start, uri.end)
        namespace = None
        if self.lexeme == "as":
            self.advance()
            namespace = self.new_name("the name of an import")
        aliases: list[ImportAlias] = []
        while self.lexeme == "alias":
            alias_start = self.start
            self.advance()
            original = self.word("the name of a struct")
            self.expect("as", " after the name of the struct")
            name = self.new_name("the name of a struct")
            aliases.append(ImportAlias(alias_start, name.end, original, name))
        self._imports.append(Import(start, self.last, uri, namespace, tuple(aliases)))

    def _struct_definition(self) -> None:
        start = self.start
        self.advance()
        name = self.new_name("the name of a struct")
        members: list[Declaration] = []
        sections = _Sections(self)

        def entry() -> None:
            if self.lexeme in ("meta", "parameter_meta"):
                self.require("struct meta", self.start, self.end)
                sections.add(self.lexeme, self.meta_section())
            else:
                members.append(self._struct_member())

        end = self.block(entry, "a member", purpose=" after the name of the struct", in_sections=True)
        meta, parameter_meta = sections.get("meta", MetaSection), sections.get("parameter_meta", MetaSection)
        self._structs.append(StructDefinition(start, end, name, tuple(members), meta, parameter_meta))

    def _struct_member(self) -> Declaration:
        member = self.declaration()
        if member.expression is not None:
            value = member.expression
            self.error("MemberWithValue", "a member of a struct has no value", value.start, value.end, help="remove it")
        return member

    def _enum(self) -> None:
        start = self.start
        self.require("enum", start, self.end)
        self.advance()
        name = self.new_name("the name of an enum")
        type_ = None
        if self.lexeme == "[":
            opened = self.start
            self.advance()
            type_ = self.type()
            self.close("]", opened)
        choices: list[Choice] = []

        def entry() -> None:
            choices.append(self._choice())
            if self.lexeme == ",":
                self.advance()
            elif self.lexeme != "}":
                self.unexpected("`,` or `}` after a choice")

        end = self.block(entry, "a choice", purpose=" after the name of the enum")
        self._enums.append(EnumDefinition(start, end, name, type_, tuple(choices)))

    def _choice(self) -> Choice:
        name = self.new_name("the name of a choice")
        if self.lexeme != "=":
            return Choice(name.start, name.end, name)
        self.advance()
        value = self.expression()
        return Choice(name.start, self.last, name, value)

    # --- task and workflow ------------------------------------------------------------------------------

    def _task(self) -> None:
        start = self.start
        self.advance()
        name = self.new_name("the name of a task")
        sections = _Sections(self)
        declarations: list[Declaration] = []

        def entry() -> None:
            lexeme = self.lexeme
            parse_section = _TASK_SECTIONS.get(lexeme)
            if parse_section is not None:
                sections.add(lexeme, parse_section(self))
            else:
                declarations.append(self.bound_declaration("in the body of a task", environment=True))

        complete = len(self.diagnostics)
        end = self.block(entry, "a section, a declaration", purpose=" after the name of the task", in_sections=True)
        task = Task(
            start, end, name, sections.get("input", InputSection), tuple(declarations),
            sections.get("command", Command), sections.get("output", OutputSection),
            sections.get("runtime", AttributeSection), sections.get("requirements", AttributeSection),
            sections.get("hints", AttributeSection), sections.get("meta", MetaSection),
            sections.get("parameter_meta", MetaSection),
        )  # fmt: skip
        self._check_sections(task, complete=complete == len(self.diagnostics))
        self._tasks.append(task)

    def _check_sections(self, task: Task, *, complete: bool) -> None:
        if task.command is None and complete:
            name = task.name
            message = f"the task `{name.name}` has no command"
            self.error("MissingCommand", message, name.start, name.end, help="add `command <<< … >>>`")
        other = task.requirements or task.hints
        if task.runtime is not None and other is not None:
            message = f"`runtime` and `{other.kind}` exclude each other"
            runtime = Label(self.source, task.runtime.start, task.runtime.start + len("runtime"))
            newer = Label(self.source, other.start, other.start + len(other.kind))
            help_ = "move what is in `runtime` to `requirements` and `hints`"
            self.report(Severity.ERROR, "ConflictingSections", message, runtime, newer, help=help_)

    def _workflow_definition(self) -> None:
        start = self.start
        self.advance()
        name = self.new_name("the name of a workflow")
        sections = _Sections(self)
        body: list[Statement] = []

        def entry() -> None:
            lexeme = self.lexeme
            parse_section = _WORKFLOW_SECTIONS.get(lexeme)
            if parse_section is not None:
                sections.add(lexeme, parse_section(self))
            else:
                body.append(self.statement())

        end = self.block(entry, "a section, a statement", purpose=" after the name of the workflow", in_sections=True)
        workflow = Workflow(
            start, end, name, sections.get("input", InputSection), tuple(body),
            sections.get("output", OutputSection), sections.get("hints", AttributeSection),
            sections.get("meta", MetaSection), sections.get("parameter_meta", MetaSection),
        )  # fmt: skip
        if self._workflow is None:
            self._workflow = workflow
        else:
            first = self._workflow.name
            again, before = (
                Label(self.source, it.start, it.end, text) for it, text in ((name, "second"), (first, "first"))
            )
            message = "a document has at most one workflow"
            self.report(Severity.ERROR, "DuplicateWorkflow", message, again, before, help="move it to its own document")

    def _repeated_version(self) -> None:
        self.fail("UnexpectedToken", "the version is stated twice", Label(self.source, self.start, self.end))


def _newest() -> str:
    return f"{NEWEST[0]}.{NEWEST[1]}"


_UPGRADE = (
    f"upgrade it: begin with `version {_newest()}` (or `version 1.0`), put the declarations that are inputs into "
    "`input { … }`, and spell out the outputs of the workflow"
)

_ITEMS: dict[str, Callable[[_Parser], None]] = {
    "import": _Parser._import,
    "struct": _Parser._struct_definition,
    "enum": _Parser._enum,
    "task": _Parser._task,
    "workflow": _Parser._workflow_definition,
    "version": _Parser._repeated_version,
}
_TASK_SECTIONS: dict[str, Callable[[_Parser], _Section]] = {
    "input": lambda parser: parser.input_section(environment=True),
    "command": _Parser.command,
    "output": _Parser.output_section,
    "runtime": _Parser.attribute_section,
    "requirements": _Parser.attribute_section,
    "hints": _Parser.attribute_section,
    "meta": _Parser.meta_section,
    "parameter_meta": _Parser.meta_section,
}
_WORKFLOW_SECTIONS: dict[str, Callable[[_Parser], _Section]] = {
    "input": lambda parser: parser.input_section(environment=False),
    "output": _Parser.output_section,
    "hints": lambda parser: parser.attribute_section(workflow=True),
    "meta": _Parser.meta_section,
    "parameter_meta": _Parser.meta_section,
}
