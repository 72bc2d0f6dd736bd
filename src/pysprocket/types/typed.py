"""The typed document: what the checker found out, in tables beside the tree.

In: nothing. Out: `TypedDocument`, `TypedTask`, `TypedWorkflow`, which `types.checker` fills and the rooms above
read. The tree itself carries no marks; its nodes are keys here.
"""

from __future__ import annotations

import msgspec

from pysprocket.source.diagnostic import Diagnostic, Severity
from pysprocket.source.text import Source
from pysprocket.syntax import nodes
from pysprocket.types.model import EnumType, StructType, Type


class Input(msgspec.Struct, eq=False):
    """An input of a task or workflow; required when it has no default and is not optional."""

    name: str
    type: Type
    declaration: nodes.Declaration

    @property
    def required(self) -> bool:
        """Whether a value must be given."""
        return self.declaration.expression is None and not self.type.optional


class TypedTask(msgspec.Struct, eq=False):
    """A task with the types of its inputs and outputs.

    Attributes:
        declarations: inputs and private declarations, each after those it refers to.
        output_declarations: the same for the output section.
    """

    document: TypedDocument
    node: nodes.Task
    name: str
    inputs: dict[str, Input]
    outputs: dict[str, Type]
    declarations: tuple[nodes.Declaration, ...]
    output_declarations: tuple[nodes.Declaration, ...]


class TypedWorkflow(msgspec.Struct, eq=False):
    """A workflow with the types of its inputs and outputs and the callee of each of its calls (nested ones too).

    Attributes:
        exports: for each scatter and each `if`, the names (a call's outputs as "call.output") that it gives to
            the enclosing scope, with their types there.
        clauses: for each clause of an `if` that has several, the names of its `if`'s exports that it defines, with
            their types inside: a value that is to have the type common to all clauses may have to be converted.
        allow_nested_inputs: whether inputs of its calls may be given from outside.
    """

    document: TypedDocument
    node: nodes.Workflow
    name: str
    inputs: dict[str, Input]
    outputs: dict[str, Type]
    calls: dict[nodes.Call, TypedTask | TypedWorkflow]
    exports: dict[nodes.Scatter | nodes.If, dict[str, Type]]
    clauses: dict[nodes.Clause, dict[str, Type]]
    allow_nested_inputs: bool = False

    @property
    def calls_tasks(self) -> bool:
        """Whether a task is called, here or in a sub-workflow."""
        return any(isinstance(callee, TypedTask) or callee.calls_tasks for callee in self.calls.values())


class TypedDocument(msgspec.Struct, eq=False):
    """A checked document.

    Attributes:
        version: major and minor of the WDL version, such as (1, 2).
        namespaces: imported documents by namespace.
        structs, enums: those visible here under the names they have here, imported ones included.
        types: the type of every expression that was checked.
        declared: the type of every declaration (inside its own scope).
        parameters: for each function call the parameter types its arguments are coerced to.
        diagnostics: findings in this document, in order of position; imported documents hold their own.
    """

    source: Source
    tree: nodes.Document
    version: tuple[int, int]
    namespaces: dict[str, TypedDocument] = msgspec.field(default_factory=dict)
    structs: dict[str, StructType] = msgspec.field(default_factory=dict)
    enums: dict[str, EnumType] = msgspec.field(default_factory=dict)
    tasks: dict[str, TypedTask] = msgspec.field(default_factory=dict)
    workflow: TypedWorkflow | None = None
    types: dict[nodes.Expression, Type] = msgspec.field(default_factory=dict)
    declared: dict[nodes.Declaration, Type] = msgspec.field(default_factory=dict)
    parameters: dict[nodes.Apply, tuple[Type, ...]] = msgspec.field(default_factory=dict)
    diagnostics: list[Diagnostic] = msgspec.field(default_factory=list)

    @property
    def has_errors(self) -> bool:
        """Whether a finding of this document is an error."""
        return any(diagnostic.severity is Severity.ERROR for diagnostic in self.diagnostics)
