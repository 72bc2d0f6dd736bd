"""What must hold for every text: the properties that the fuzz targets assert.

In: a text that nobody means. Out: nothing, or an `AssertionError` (or the error of a bug). `examine` takes the text
through the parser, the checker, the renderer, the compiler and the evaluator.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pysprocket.errors import EvaluationError
from pysprocket.source.codes import CODES
from pysprocket.source.diagnostic import Diagnostic, strictly
from pysprocket.source.render import render
from pysprocket.source.text import Source
from pysprocket.syntax import nodes
from pysprocket.syntax.parser import parse
from pysprocket.types.loader import Library, load
from pysprocket.types.model import STRING, Type
from pysprocket.types.typed import TypedDocument
from pysprocket.values.compile import Function, compile_block, compile_task, evaluate
from pysprocket.values.compile import compile_expression as compiled
from pysprocket.values.model import Directory, File
from pysprocket.values.scope import Scope

_SECONDS = 2.0
_SECONDS_PER_CHARACTER = 1 / 5000
IMPORTED = "version 1.0\nstruct Person { String name Int? age }\ntask hello { input { Person p } command <<<>>> }\n"
FILES = {"a.txt": "1\nb\n", "b.json": '{"a": [1, null, {"b": 2.5}], "c": "d"}', "t.tsv": "a\tb\n1\t2\n"}
_INTERNAL = "the expression cannot be evaluated"


def examine(text: str, place: Path) -> Library:
    """Assert all properties of one text; relative paths in it are those of the directory `place`."""
    began = time.process_time()
    examine_tree(text)
    library = examine_types(text)
    if not library.has_errors:
        run(library.root, place)
    spent = time.process_time() - began
    assert spent < _SECONDS + len(text) * _SECONDS_PER_CHARACTER, f"{len(text)} characters took {spent:.1f} s"
    return library


# --- the parser ------------------------------------------------------------------------------------------


def examine_tree(text: str) -> None:
    """The spans of the tree nest, and a second reading gives the same."""
    source = Source("file:///fuzz.wdl", text, "fuzz.wdl")
    document, diagnostics = parse(source)
    assert isinstance(document, nodes.Document)
    _examine_spans(document, 0, len(text))
    again, same = parse(source)
    assert _outline(again) == _outline(document)
    assert render(same) == render(diagnostics)


def children(node: nodes.Node) -> Iterator[nodes.Node]:
    """The nodes directly below a node."""
    for name in node.__struct_fields__:
        value = getattr(node, name)
        for item in value if isinstance(value, tuple) else (value,):
            if isinstance(item, nodes.Node):
                yield item


def walk(node: nodes.Node) -> Iterator[nodes.Node]:
    """A node and all below it."""
    yield node
    for child in children(node):
        yield from walk(child)


def _examine_spans(node: nodes.Node, start: int, end: int) -> None:
    assert start <= node.start <= node.end <= end, (type(node).__name__, start, node.start, node.end, end)
    for child in children(node):
        _examine_spans(child, node.start, node.end)


def _outline(document: nodes.Document) -> list[tuple[str, int, int]]:
    return [(type(node).__name__, node.start, node.end) for node in walk(document)]


# --- the checker -----------------------------------------------------------------------------------------


def examine_types(text: str) -> Library:
    """Checking gives findings that can be explained and shown, in order and twice the same."""

    def fetch(uri: str) -> bytes:
        if uri == "file:///fuzz/root.wdl":
            return text.encode("utf-8", "replace")
        if uri == "file:///fuzz/lib.wdl":
            return IMPORTED.encode()
        raise FileNotFoundError(uri)

    library = load("file:///fuzz/root.wdl", fetch)
    for diagnostic in library.diagnostics:
        examine_diagnostic(diagnostic)
    shown = render(library.diagnostics, mode="full") + render(library.diagnostics, mode="one-line")
    assert all(line.isprintable() for line in shown.replace("\u200d", "").splitlines())
    assert render([strictly(each) for each in library.diagnostics], color=True) or not shown
    return library


def examine_diagnostic(diagnostic: Diagnostic) -> None:
    """It has a code that is explained, a sentence, and places within the text."""
    assert diagnostic.code in CODES, diagnostic.code
    assert diagnostic.message
    assert len(diagnostic.message) < 2000
    assert diagnostic.labels, diagnostic.code
    for label in diagnostic.labels:
        assert 0 <= label.start <= label.end <= len(label.source.text)


# --- the compiler and the evaluator ----------------------------------------------------------------------


class Surroundings:
    """A context with a few files in one directory, which writes no more than `limit` files."""

    limit = 1000

    def __init__(self, place: Path, version: tuple[int, int]) -> None:
        self.place = place
        self.version = version
        self.written = 0

    def file(self, path: str, *, optional: bool = False) -> File | None:
        name = path.rsplit("/", 1)[-1]
        if name in FILES or name.startswith("written"):
            return File(str(self.place / name))
        self._missing(path, optional=optional)
        return None

    def directory(self, path: str, *, optional: bool = False) -> Directory | None:
        if path == ".":
            return Directory(str(self.place))
        self._missing(path, optional=optional)
        return None

    def _missing(self, path: str, *, optional: bool) -> None:
        if not optional:
            raise EvaluationError(f"`{path}` does not exist")

    def host_path(self, path: str) -> Path:
        name = path.rsplit("/", 1)[-1]
        if name not in FILES and not name.startswith("written"):
            raise EvaluationError(f"`{path}` is not there")
        return self.place / name

    def write_file(self, text: str, suffix: str = "") -> File:
        if self.written >= self.limit:
            raise EvaluationError("too many files")
        self.written += 1
        path = self.place / f"written{self.written % 10}{suffix}"
        path.write_text(text, encoding="utf-8", errors="replace")
        return File(str(path))

    def glob(self, pattern: str) -> list[File]:
        return [File(str(self.place / name)) for name in sorted(FILES)]

    def stdout(self) -> File:
        return File(str(self.place / "a.txt"))

    def stderr(self) -> File:
        return File(str(self.place / "a.txt"))


def prepare(place: Path) -> Path:
    """Write the files that expressions may read."""
    for name, text in FILES.items():
        (place / name).write_text(text)
    return place


def run(document: TypedDocument, place: Path) -> int:
    """Compile every expression and evaluate what has the values it needs; gives how many had a value."""
    context: Any = Surroundings(place, document.version)
    done = 0
    for task in document.tasks.values():
        program = compile_task(task)
        scope = Scope()
        for step in (*program.declarations, *program.outputs):
            done += _evaluate(step.function, step.name, step.type, scope, context)
        for function in (*program.requirements.values(), *program.hints.values(), program.command):
            done += _evaluate(function, None, STRING, scope, context)
    if document.workflow is not None:
        scope = Scope()
        node = document.workflow.node
        sections = [*(node.inputs.declarations if node.inputs else ()), *node.body]
        for statement in [*sections, *(node.outputs.declarations if node.outputs else ())]:
            done += _run_statement(document, statement, scope, context)
    return done


def _run_statement(document: TypedDocument, statement: nodes.Node, scope: Scope, context: Any) -> int:
    workflow = document.workflow
    assert workflow is not None
    if isinstance(statement, nodes.Declaration):
        if statement.expression is None:
            return 0
        type_ = document.declared[statement]
        function = compiled(document, statement.expression, type_)
        return _evaluate(function, statement.name.name, type_, scope, context)
    if isinstance(statement, (nodes.Scatter, nodes.If)):
        if any(isinstance(node, nodes.Call) for node in walk(statement)):
            _compile_all(document, statement)
            return 0
        exports = _value_of(compile_block(workflow, statement), scope, context)
        if exports is not None:
            scope.update(exports)
            return 1
    return 0


def _compile_all(document: TypedDocument, statement: nodes.Node) -> None:
    for node in walk(statement):
        if isinstance(node, nodes.Declaration) and node.expression is not None:
            compiled(document, node.expression, document.declared[node])


def _evaluate(function: Function | None, name: str | None, type_: Type, scope: Scope, context: Any) -> int:
    if function is None:
        if name is not None and type_.optional:
            scope[name] = None
        return 0
    value = _value_of(function, scope, context)
    if name is not None and (value is not None or type_.optional):
        scope[name] = value
    return value is not None


def _value_of(function: Function, scope: Scope, context: Any) -> Any:
    """The value, None when the expression fails as WDL expressions may."""
    try:
        return evaluate(function, scope, context)
    except EvaluationError as error:
        failure = error
    assert _INTERNAL not in str(failure), str(failure)
    for label in failure.labels:
        assert 0 <= label.start <= label.end <= len(label.source.text)
    return None
