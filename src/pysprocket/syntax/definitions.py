"""What a document consists of: imports, structs, enums, tasks and the workflow.

In: a cursor at the word that begins one of them. Out: `Definitions`, the part of the parser that makes their nodes
and collects them. Source: WDL specification, "Import statements", "Struct definition", "Enumerations", "Task
definition", "Workflow definition".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NoReturn, TypeVar

from pysprocket.source.diagnostic import Label, Severity
from pysprocket.source.text import Source
from pysprocket.syntax.cursor import TEXT, WORD
from pysprocket.syntax.declarations import STATEMENT_WORDS
from pysprocket.syntax.nodes import (
    Array,
    AttributeSection,
    Choice,
    Command,
    Declaration,
    EnumDefinition,
    Import,
    ImportAlias,
    InputSection,
    Literal,
    MetaSection,
    OutputSection,
    Statement,
    String,
    StructDefinition,
    Task,
    Workflow,
)
from pysprocket.syntax.workflows import Workflows

_BARE_LOCATION = re.compile(r"[A-Za-z0-9_./:~-]+")
_Section = InputSection | OutputSection | AttributeSection | MetaSection | Command
S = TypeVar("S", bound=_Section)
B = TypeVar("B", bound=Statement)


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


def _without(body: list[B], taken: Sequence[Declaration]) -> list[B]:
    gone = set(taken)
    return [entry for entry in body if entry not in gone]


def _may_be_given(declaration: Declaration) -> bool:
    """Whether a declaration is an input where no section says so: it has no value, or a constant as its default."""
    value = declaration.expression
    items = value.items if isinstance(value, Array) else (value,)
    return all(
        item is None or isinstance(item, Literal) or (isinstance(item, String) and item.text is not None)
        for item in items
    )


class Definitions(Workflows):
    """Reading of definitions, which are collected as they come."""

    __slots__ = ("enums", "imports", "structs", "tasks", "workflow")

    def __init__(self, source: Source) -> None:
        super().__init__(source)
        self.imports: list[Import] = []
        self.structs: list[StructDefinition] = []
        self.enums: list[EnumDefinition] = []
        self.tasks: list[Task] = []
        self.workflow: Workflow | None = None

    # --- import, struct, enum ---------------------------------------------------------------------------

    def import_statement(self) -> None:
        """Parse a import statement."""
        start = self.start
        self.advance()
        if self.kind != TEXT and self.lexeme not in ("'", '"'):
            remedy = None
            if self.kind == WORD and (bare := _BARE_LOCATION.match(self.text, self.start)) is not None:
                remedy = f'write `import "{bare[0]}{"" if "." in bare[0] else ".wdl"}"`'
            elif self.lexeme in ("*", "{"):
                remedy = 'WDL up to 1.3 imports whole documents: `import "lib.wdl" as lib`, then `call lib.name`'
            self.unexpected("the location of a document in quotes", help=remedy)
        uri = self.string()
        if uri.text is None:
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
        self.imports.append(Import(start, self.last, uri, namespace, tuple(aliases)))

    def struct_definition(self) -> None:
        """Parse a struct definition."""
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
        self.structs.append(StructDefinition(start, end, name, tuple(members), meta, parameter_meta))

    def _struct_member(self) -> Declaration:
        member = self.declaration()
        if member.expression is not None:
            value = member.expression
            self.error("MemberWithValue", "a member of a struct has no value", value.start, value.end, help="remove it")
        return member

    def enum_definition(self) -> None:
        """Parse a enum definition."""
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
        self.enums.append(EnumDefinition(start, end, name, type_, tuple(choices)))

    def _choice(self) -> Choice:
        name = self.new_name("the name of a choice")
        if self.lexeme != "=":
            return Choice(name.start, name.end, name)
        self.advance()
        value = self.expression()
        return Choice(name.start, self.last, name, value)

    def _misplaced(self, here: str, there: str) -> NoReturn:
        """Fail at a section or statement that belongs to the other kind of definition."""
        label = Label(self.source, self.start, self.end, "unexpected")
        self.fail("UnexpectedToken", f"{here} has no `{self.lexeme}`", label, help=f"it belongs to {there}")

    # --- task and workflow ------------------------------------------------------------------------------

    def task_definition(self) -> None:
        """Parse a task definition."""
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
            elif lexeme in STATEMENT_WORDS:
                self._misplaced("a task", "a workflow")
            else:
                declarations.append(self.declaration(environment=True))

        complete = len(self.diagnostics)
        end = self.block(entry, "a section, a declaration", purpose=" after the name of the task", in_sections=True)
        inputs, declarations = self._loose_inputs(sections, declarations, "task")
        task = Task(
            start, end, name, inputs, tuple(declarations),
            sections.get("command", Command), sections.get("output", OutputSection),
            sections.get("runtime", AttributeSection), sections.get("requirements", AttributeSection),
            sections.get("hints", AttributeSection), sections.get("meta", MetaSection),
            sections.get("parameter_meta", MetaSection),
        )  # fmt: skip
        self._check_sections(task, complete=complete == len(self.diagnostics))
        self.tasks.append(task)

    def _check_sections(self, task: Task, *, complete: bool) -> None:
        if task.command is None and complete:
            name = task.name
            message = f"the task `{name.name}` has no command"
            self.error("MissingCommand", message, name.start, name.end, help="add `command <<< … >>>`")
        other = task.requirements or task.hints
        if task.runtime is not None and other is not None:
            self._mixed_sections(task.runtime, other)

    def _mixed_sections(self, runtime: AttributeSection, other: AttributeSection) -> None:
        message = f"`runtime` and `{other.kind}` exclude each other"
        labels = [Label(self.source, each.start, each.start + len(each.kind)) for each in (runtime, other)]
        help_ = "move what is in `runtime` to `requirements` and `hints`"
        if other.kind == "hints":
            self.report(Severity.WARNING, "HintsBesideRuntime", message, *labels, help=help_, lenient=True)
        else:
            self.report(Severity.ERROR, "ConflictingSections", message, *labels, help=help_)

    def _loose_inputs(self, sections: _Sections, body: list[B], where: str) -> tuple[InputSection | None, list[B]]:
        """The inputs and the rest of a body, where declarations without value are inputs, too."""
        inputs = sections.get("input", InputSection)
        declared = [entry for entry in body if isinstance(entry, Declaration)]
        loose = [declaration for declaration in declared if declaration.expression is None]
        if not loose:
            return inputs, body
        if inputs is not None:
            return self._more_inputs(inputs, loose, where), _without(body, loose)
        message = f"`{loose[0].name.name}` has no value; as the {where} has no `input` section, it is read as an input"
        remedy = "write `input { … }` around the inputs"
        self.leniency("MissingInputSection", message, loose[0].name.start, loose[0].name.end, help=remedy)
        given = [declaration for declaration in declared if _may_be_given(declaration)]
        section = InputSection(given[0].start, given[-1].end, tuple(given), implied=True)
        return section, _without(body, given)

    def _more_inputs(self, inputs: InputSection, loose: Sequence[Declaration], where: str) -> InputSection:
        """The inputs with those that stand outside of their section: what is optional may go without a value."""
        for declaration in loose:
            name = declaration.name
            if not declaration.type.optional:
                self.missing_value(declaration, f"in the body of a {where}")
                continue
            message = f"`{name.name}` has no value; it is read as an input, and None when it is not given"
            remedy = f"move `{name.name}` to the `input` section"
            self.leniency("OptionalWithoutValue", message, name.start, name.end, help=remedy)
        start, end = min(inputs.start, loose[0].start), max(inputs.end, loose[-1].end)
        return InputSection(start, end, (*inputs.declarations, *loose))

    def workflow_definition(self) -> None:
        """Parse a workflow definition."""
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
            elif lexeme in _TASK_SECTIONS and self.at_block():
                self._misplaced("a workflow", "a task")
            else:
                body.append(self.statement(outermost=True))

        end = self.block(entry, "a section, a statement", purpose=" after the name of the workflow", in_sections=True)
        inputs, body = self._loose_inputs(sections, body, "workflow")
        workflow = Workflow(
            start, end, name, inputs, tuple(body),
            sections.get("output", OutputSection), sections.get("hints", AttributeSection),
            sections.get("meta", MetaSection), sections.get("parameter_meta", MetaSection),
        )  # fmt: skip
        if self.workflow is None:
            self.workflow = workflow
        else:
            first = self.workflow.name
            again, before = (
                Label(self.source, it.start, it.end, text) for it, text in ((name, "second"), (first, "first"))
            )
            message = "a document has at most one workflow"
            self.report(Severity.ERROR, "DuplicateWorkflow", message, again, before, help="move it to its own document")


_TASK_SECTIONS: dict[str, Callable[[Definitions], _Section]] = {
    "input": lambda parser: parser.input_section(environment=True),
    "command": Definitions.command,
    "output": Definitions.output_section,
    "runtime": Definitions.attribute_section,
    "requirements": Definitions.attribute_section,
    "hints": Definitions.attribute_section,
    "meta": Definitions.meta_section,
    "parameter_meta": Definitions.meta_section,
}
_WORKFLOW_SECTIONS: dict[str, Callable[[Definitions], _Section]] = {
    "input": lambda parser: parser.input_section(environment=False),
    "output": Definitions.output_section,
    "hints": lambda parser: parser.attribute_section(workflow=True),
    "meta": Definitions.meta_section,
    "parameter_meta": Definitions.meta_section,
}
