"""Checking one document.

In: its source, its tree, what was found so far, and the typed documents it imports. Out: a `TypedDocument`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from pysprocket.source.diagnostic import Diagnostic
from pysprocket.source.text import Source
from pysprocket.syntax import nodes
from pysprocket.syntax.versions import NEWEST, parse_version
from pysprocket.types.enums import define_enum
from pysprocket.types.expressions import ExpressionChecker
from pysprocket.types.findings import Findings
from pysprocket.types.structs import TypeNames
from pysprocket.types.tasks import check_task
from pysprocket.types.typed import TypedDocument
from pysprocket.types.workflows import check_workflow

_IDENTIFIER = r"(?a)[A-Za-z]\w*"
_LONGEST_NAME = 40  # in a remedy


def check(
    source: Source,
    tree: nodes.Document,
    diagnostics: Iterable[Diagnostic],
    imports: Mapping[nodes.Import, TypedDocument | None],
) -> TypedDocument:
    """Type a document and report its mistakes.

    Args:
        source: its text.
        tree: what the parser made of it.
        diagnostics: what was found so far; they become the document's own.
        imports: the document behind each import, None for one that could not be had.
    """
    version = parse_version(tree.version.name) if tree.version else None
    document = TypedDocument(source, tree, version or NEWEST)
    findings = Findings(source)
    for diagnostic in diagnostics:
        findings.add(diagnostic)
    unknown = _add_namespaces(document, findings, imports)
    types = TypeNames(document, findings)
    for statement, imported in imports.items():
        if imported is None:
            types.incomplete = True
        else:
            _check_version(document, findings, statement, imported)
            types.add_import(statement, imported)
    checker = ExpressionChecker(document, findings)
    checker.unknown = frozenset(unknown)
    types.define_all(lambda definition: define_enum(checker, types, definition))
    _check_names(document, findings)
    for task in tree.tasks:
        typed = check_task(checker, types, task)
        document.tasks.setdefault(task.name.name, typed)
    if tree.workflow is not None:
        document.workflow = check_workflow(checker, types, tree.workflow, unknown)
    found = _without_gate(findings.diagnostics) if types.names_directory() else findings.diagnostics
    document.diagnostics = [
        *sorted(_first_causes(found, source.text, _damaged(imports.values())), key=_position),
        *findings.summary(),
    ]
    return document


_LOST_TEXT = frozenset(
    {
        "CommandEnded",
        "UnexpectedToken",
        "UnexpectedEnd",
        "UnexpectedCharacter",
        "Unterminated",
        "UnclosedBlock",
        "TooManyMistakes",
    }
)
_MAY_FOLLOW = frozenset(
    {
        "UnknownName",
        "UnknownType",
        "UnknownCallee",
        "UnknownInput",
        "UnknownMember",
        "MissingMember",
        "MissingCallInput",
    }
)


def _without_gate(diagnostics: list[Diagnostic]) -> list[Diagnostic]:
    """Without what the parser says of the type `Directory`, where a struct has that name."""

    def is_gate(diagnostic: Diagnostic) -> bool:
        place = diagnostic.labels[0] if diagnostic.labels else None
        return (
            diagnostic.code == "NewerVersionNeeded"
            and place is not None
            and place.source.text[place.start : place.end] == "Directory"
        )

    return [diagnostic for diagnostic in diagnostics if not is_gate(diagnostic)]


def _first_causes(diagnostics: list[Diagnostic], text: str, damaged: bool) -> list[Diagnostic]:  # noqa: FBT001
    """Without those that only follow from text the parser could not read, here or in an import (`damaged`).

    What is unknown may be defined there, and an expression may go on where the parser gave up.
    """
    lost = [_position(diagnostic) for diagnostic in diagnostics if diagnostic.code in _LOST_TEXT]
    if not lost and not damaged:
        return diagnostics
    following = _MAY_FOLLOW if lost else _MAY_FOLLOW - {"UnknownName"}  # imports hold no names of values
    return [
        diagnostic
        for diagnostic in diagnostics
        if diagnostic.code in _LOST_TEXT
        or not (diagnostic.code in following or _is_cut_short(_position(diagnostic), lost, text))
    ]


def _damaged(imports: Iterable[TypedDocument | None]) -> bool:
    """Whether an import has text that the parser could not read."""
    found = (imported.diagnostics for imported in imports if imported is not None)
    return any(diagnostic.code in _LOST_TEXT for diagnostics in found for diagnostic in diagnostics)


def _is_cut_short(start: int, lost: list[int], text: str) -> bool:
    line_end = text.find("\n", start)
    return any(start < place and (place <= line_end or line_end < 0) for place in lost)


def _position(diagnostic: Diagnostic) -> int:
    return diagnostic.labels[0].start if diagnostic.labels else 0


def _add_namespaces(
    document: TypedDocument, findings: Findings, imports: Mapping[nodes.Import, TypedDocument | None]
) -> set[str]:
    """Name the imported documents; gives the namespaces of those that could not be had."""
    unknown: set[str] = set()
    for statement, imported in imports.items():
        place = statement.namespace or statement.uri
        name = statement.namespace.name if statement.namespace else default_namespace(statement)
        if statement.uri.text and not re.fullmatch(_IDENTIFIER, name):
            message = f"`{name}` cannot be a namespace"
            remedy = f"name the import: `import {findings.text(statement.uri)} as {_valid(name)}`"
            findings.error("ImportNamespace", message, place, help=remedy)
        elif imported is None:
            unknown.add(name)
        else:
            document.namespaces.setdefault(name, imported)
    return unknown


def _check_version(
    document: TypedDocument, findings: Findings, statement: nodes.Import, imported: TypedDocument
) -> None:
    if imported.version > document.version:
        theirs, mine = (f"{major}.{minor}" for major, minor in (imported.version, document.version))
        message = f"a document of WDL {mine} imports one of WDL {theirs}"
        remedy = f"write `version {theirs}` here too: not every engine reads a newer import"
        findings.leniency("ImportVersion", message, statement.uri, help=remedy)


def default_namespace(statement: nodes.Import) -> str:
    """The namespace of an import without `as`: the name of its file without `.wdl`."""
    path = (statement.uri.text or "").split("?")[0].split("#")[0]
    return path.rsplit("/", 1)[-1].removesuffix(".wdl")


def _valid(name: str) -> str:
    """An identifier that is like the name of a file."""
    found = re.sub(r"(?a)\W+", "_", name[:_LONGEST_NAME]).strip("_")
    return found if found[:1].isalpha() else f"lib_{found}".rstrip("_")


def _check_names(document: TypedDocument, findings: Findings) -> None:
    """Tasks, workflow, structs, enums and imports share one set of names."""
    tree = document.tree
    seen: dict[str, tuple[str, nodes.Node]] = {}
    for kind, name, place in _names(tree):
        before, other = seen.setdefault(name, (kind, place))
        if other is place:
            continue
        first = findings.label(other, "first defined here")
        if {kind, before} == {"task", "workflow"}:
            message = f"a task and the workflow are both called `{name}`"
            findings.leniency("SharedName", message, place, "a call means the task", first, help="rename one of them")
        elif kind == before or {kind, before} == {"struct", "enum"}:
            message = f"`{name}` is defined twice"
            remedy = "give one of them another name"
            if kind == "import":
                remedy += ": `import … as another_name`"
            findings.error("DuplicateName", message, place, "again here", first, help=remedy)
        else:
            message = f"the {before} and the {kind} `{name}` have one name"
            findings.leniency("SharedName", message, place, f"the {kind}", first, help="rename one of them")


def _names(tree: nodes.Document) -> Iterable[tuple[str, str, nodes.Node]]:
    for statement in tree.imports:
        if statement.namespace:
            yield "import", statement.namespace.name, statement.namespace
        else:
            yield "import", default_namespace(statement), statement.uri
    for kind, definitions in (("struct", tree.structs), ("enum", tree.enums), ("task", tree.tasks)):
        for definition in definitions:
            yield kind, definition.name.name, definition.name
    if tree.workflow is not None:
        yield "workflow", tree.workflow.name.name, tree.workflow.name
