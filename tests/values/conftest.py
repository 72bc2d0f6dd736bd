"""Expressions of WDL text, evaluated: `value_of("Int", "1 + 2")`."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pysprocket.errors import EvaluationError
from pysprocket.source.diagnostic import Severity
from pysprocket.types.loader import load
from pysprocket.types.typed import TypedDocument
from pysprocket.values.compile import compile_expression, evaluate
from pysprocket.values.context import Context
from pysprocket.values.model import Directory, File, Value
from pysprocket.values.scope import Scope


class OneDirectory(Context):
    """A context whose relative paths are in one directory."""

    def __init__(self, place: Path, version: tuple[int, int]) -> None:
        self.place = self.temporary = place
        self.version = version
        self.written: list[Path] = []

    def file(self, path: str, *, optional: bool = False) -> File | None:
        found = os.path.normpath(self.place / path)
        return File(found) if _exists(path, Path(found).is_file(), optional) else None

    def directory(self, path: str, *, optional: bool = False) -> Directory | None:
        found = os.path.normpath(self.place / path)
        return Directory(found) if _exists(path, Path(found).is_dir(), optional) else None

    def host_path(self, path: str) -> Path:
        return self.place / path

    def write_file(self, text: str, suffix: str = "") -> File:
        path = self.temporary / f"written{len(self.written)}{suffix}"
        path.write_bytes(text.encode())
        self.written.append(path)
        return File(path)

    def glob(self, pattern: str) -> list[File]:
        return [File(path) for path in sorted(self.place.glob(pattern)) if path.is_file()]

    def stdout(self) -> File:
        return File(self.place / "stdout")

    def stderr(self) -> File:
        return File(self.place / "stderr")


def _exists(path: str, exists: bool, optional: bool) -> bool:
    if not exists and not optional:
        raise EvaluationError(f"`{path}` does not exist")
    return exists


@pytest.fixture
def context(tmp_path: Path) -> OneDirectory:
    """The surroundings of the expressions of a test, in `tmp_path`."""
    return OneDirectory(tmp_path, (1, 3))


@pytest.fixture
def checked(tmp_path: Path) -> Callable[..., TypedDocument]:
    """Reads and checks the text of a document; it must have no errors."""

    def read(text: str, version: str = "1.3") -> TypedDocument:
        path = tmp_path / "document.wdl"
        path.write_text(f"version {version}\n{text}\n")
        library = load(str(path))
        errors = [finding.message for finding in library.diagnostics if finding.severity is Severity.ERROR]
        assert not errors, f"{text}: {errors}"
        return library.root

    return read


ValueOf = Callable[..., Value]


@pytest.fixture
def value_of(checked: Callable[..., TypedDocument], context: OneDirectory) -> ValueOf:
    """The value of an expression declared with a type; `given` are inputs with their types, `before` goes on top."""

    def value(
        type_: str,
        expression: str,
        *,
        version: str = "1.3",
        before: str = "",
        given: dict[str, tuple[str, Any]] | None = None,
    ) -> Value:
        inputs = "\n".join(f"{kind} {name}" for name, (kind, _) in (given or {}).items())
        workflow = f"workflow w {{ input {{ {inputs} }} output {{ {type_} result = {expression} }} }}"
        document = checked(f"{before}\n{workflow}", version)
        context.version = document.version
        assert document.workflow is not None
        assert document.workflow.node.outputs is not None
        declaration = document.workflow.node.outputs.declarations[0]
        assert declaration.expression is not None
        scope = Scope()
        scope.update({name: given_value for name, (_, given_value) in (given or {}).items()})
        function = compile_expression(document, declaration.expression, document.declared[declaration])
        return evaluate(function, scope, context)

    return value
