"""The tree that the parser makes of a WDL document: one frozen struct per construct of the grammar.

In: nothing. Out: node classes, the vocabulary between `syntax` and the rooms above it.

Every node holds `start` and `end`, offsets in characters into the text of its `Source` (end exclusive). Nodes
compare and hash by identity, so a node can be a key in a side table (`dict[Expression, Type]`) and later
stages never write on the tree. Nothing here is specific to a WDL version: what a version allows is in
`syntax.versions`. Grammar: the WDL specification 1.3, "Grammar" and the sections named per class.
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec


class Node(msgspec.Struct, frozen=True, eq=False, gc=False):
    """A piece of the text, from character offset `start` to `end` (exclusive)."""

    start: int
    end: int


class Identifier(Node, frozen=True, eq=False, gc=False):
    """A name as written."""

    name: str


# --- types -----------------------------------------------------------------------------------------------


class TypeExpression(Node, frozen=True, eq=False, gc=False):
    """A type as written: `Array[File]+?` is name "Array", one argument, non-empty and optional."""

    name: str
    arguments: tuple[TypeExpression, ...] = ()
    nonempty: bool = False
    optional: bool = False


# --- expressions -----------------------------------------------------------------------------------------


class Literal(Node, frozen=True, eq=False, gc=False):
    """A Boolean, Int, Float or None literal; a minus sign before a number literal is part of it."""

    value: bool | int | float | None


class PlaceholderOption(Node, frozen=True, eq=False, gc=False):
    """`sep=", "`, `default="x"`, `true="a"` or `false="b"` before the expression of a placeholder."""

    name: str
    value: Expression


class Placeholder(Node, frozen=True, eq=False, gc=False):
    """`~{expression}` or `${expression}` in a string or a command; `start` is at the `~` or `$`."""

    expression: Expression
    options: tuple[PlaceholderOption, ...] = ()


class String(Node, frozen=True, eq=False, gc=False):
    """A string literal; text parts have escapes resolved and, in multi-line strings, the indent removed."""

    parts: tuple[str | Placeholder, ...]
    multiline: bool = False

    @property
    def text(self) -> str | None:
        """The whole text; None when it has placeholders."""
        texts = [part for part in self.parts if isinstance(part, str)]
        return "".join(texts) if len(texts) == len(self.parts) else None


class Array(Node, frozen=True, eq=False, gc=False):
    """`[a, b, c]`."""

    items: tuple[Expression, ...]


class MapEntry(Node, frozen=True, eq=False, gc=False):
    """`key: value` in a map literal; the key is an expression."""

    key: Expression
    value: Expression


class Map(Node, frozen=True, eq=False, gc=False):
    """`{"a": 1, "b": 2}`."""

    entries: tuple[MapEntry, ...]


class Pair(Node, frozen=True, eq=False, gc=False):
    """`(left, right)`."""

    left: Expression
    right: Expression


class Member(Node, frozen=True, eq=False, gc=False):
    """`name: value` in a struct, object or hints literal; the name may be dotted in `input {…}` hints."""

    name: Identifier
    value: Expression


class Struct(Node, frozen=True, eq=False, gc=False):
    """`Person { name: "x" }`, and `object { … }` with `name` None."""

    name: Identifier | None
    members: tuple[Member, ...]


class HintsValue(Node, frozen=True, eq=False, gc=False):
    """`hints { … }`, `input { … }` or `output { … }` as a value inside a task's hints section; `kind` says which."""

    kind: str
    members: tuple[Member, ...]


class Name(Node, frozen=True, eq=False, gc=False):
    """A reference to a declaration, a call, an enum or (in an expression) the `task` variable."""

    name: str


class Access(Node, frozen=True, eq=False, gc=False):
    """`target.member`: of a struct, object, pair, call, enum type or the `task` variable."""

    target: Expression
    member: Identifier


class Index(Node, frozen=True, eq=False, gc=False):
    """`target[index]`."""

    target: Expression
    index: Expression


class Apply(Node, frozen=True, eq=False, gc=False):
    """A call of a standard-library function: `function(argument, …)`."""

    function: Identifier
    arguments: tuple[Expression, ...]


class Unary(Node, frozen=True, eq=False, gc=False):
    """`!x`, `-x` or (1.0) `+x`."""

    operator: str
    operand: Expression


class Binary(Node, frozen=True, eq=False, gc=False):
    """`left operator right` with one of `|| && == != < <= > >= + - * / % **`."""

    operator: str
    left: Expression
    right: Expression


class Conditional(Node, frozen=True, eq=False, gc=False):
    """The expression `if condition then yes else no`."""

    condition: Expression
    yes: Expression
    no: Expression


Expression: TypeAlias = (
    Literal
    | String
    | Array
    | Map
    | Pair
    | Struct
    | HintsValue
    | Name
    | Access
    | Index
    | Apply
    | Unary
    | Binary
    | Conditional
)


# --- sections --------------------------------------------------------------------------------------------


class Declaration(Node, frozen=True, eq=False, gc=False):
    """`[env] Type name [= expression]`, in an input, output or body section or as a struct member."""

    type: TypeExpression
    name: Identifier
    expression: Expression | None = None
    environment: bool = False


class InputSection(Node, frozen=True, eq=False, gc=False):
    """`input { … }`; `implied` where none is written and the declarations stand in the body."""

    declarations: tuple[Declaration, ...]
    implied: bool = False


class OutputSection(Node, frozen=True, eq=False, gc=False):
    """`output { … }`."""

    declarations: tuple[Declaration, ...]


class AttributeSection(Node, frozen=True, eq=False, gc=False):
    """`runtime`, `requirements` or `hints` of a task, or `hints` of a workflow: names with expressions."""

    kind: str
    members: tuple[Member, ...]


MetaValue: TypeAlias = "str | int | float | bool | list[MetaValue] | dict[str, MetaValue] | None"


class MetaEntry(Node, frozen=True, eq=False, gc=False):
    """`name: value` in a meta section; the value is plain data (its strings have no placeholders)."""

    name: Identifier
    value: MetaValue


class MetaSection(Node, frozen=True, eq=False, gc=False):
    """`meta { … }` or `parameter_meta { … }`; `kind` is that word."""

    kind: str
    entries: tuple[MetaEntry, ...]


class Command(Node, frozen=True, eq=False, gc=False):
    """`command <<< … >>>` (heredoc) or `command { … }`; text parts have the common indent removed."""

    parts: tuple[str | Placeholder, ...]
    heredoc: bool


# --- workflow statements ---------------------------------------------------------------------------------


class CallInput(Node, frozen=True, eq=False, gc=False):
    """`name = expression` in a call; the shorthand `name` has a `Name` of the same span as its expression."""

    name: Identifier
    expression: Expression
    shorthand: bool = False


class Call(Node, frozen=True, eq=False, gc=False):
    """`call [namespace.]callee [as alias] [after other]* [{ inputs }]`."""

    callee: tuple[Identifier, ...]
    alias: Identifier | None = None
    after: tuple[Identifier, ...] = ()
    inputs: tuple[CallInput, ...] = ()

    @property
    def name(self) -> Identifier:
        """The name of the call inside the workflow: its alias, else the last part of the callee."""
        return self.alias or self.callee[-1]


class Scatter(Node, frozen=True, eq=False, gc=False):
    """`scatter (variable in expression) { body }`."""

    variable: Identifier
    expression: Expression
    body: tuple[Statement, ...]


class Clause(Node, frozen=True, eq=False, gc=False):
    """One `if (…) {…}`, `else if (…) {…}` or `else {…}` (condition None) of a conditional statement."""

    condition: Expression | None
    body: tuple[Statement, ...]


class If(Node, frozen=True, eq=False, gc=False):
    """The conditional statement of a workflow; more than one clause from WDL 1.3 on."""

    clauses: tuple[Clause, ...]


Statement: TypeAlias = Declaration | Call | Scatter | If


# --- document --------------------------------------------------------------------------------------------


class StructDefinition(Node, frozen=True, eq=False, gc=False):
    """`struct Name { Type member … }`."""

    name: Identifier
    members: tuple[Declaration, ...]
    meta: MetaSection | None = None
    parameter_meta: MetaSection | None = None


class Choice(Node, frozen=True, eq=False, gc=False):
    """A choice of an enum, with its value when one is written."""

    name: Identifier
    value: Expression | None = None


class EnumDefinition(Node, frozen=True, eq=False, gc=False):
    """`enum Name[Type] { A = value, B }` (WDL 1.3)."""

    name: Identifier
    type: TypeExpression | None
    choices: tuple[Choice, ...]


class ImportAlias(Node, frozen=True, eq=False, gc=False):
    """`alias original as name` of an import."""

    original: Identifier
    name: Identifier


class Import(Node, frozen=True, eq=False, gc=False):
    """`import "uri" [as namespace] [alias A as B]*`."""

    uri: String
    namespace: Identifier | None = None
    aliases: tuple[ImportAlias, ...] = ()


class Task(Node, frozen=True, eq=False, gc=False):
    """A task; `declarations` are the private ones. A repeated section is a diagnostic and the first one counts."""

    name: Identifier
    inputs: InputSection | None
    declarations: tuple[Declaration, ...]
    command: Command | None
    outputs: OutputSection | None
    runtime: AttributeSection | None
    requirements: AttributeSection | None
    hints: AttributeSection | None
    meta: MetaSection | None
    parameter_meta: MetaSection | None


class Workflow(Node, frozen=True, eq=False, gc=False):
    """A workflow."""

    name: Identifier
    inputs: InputSection | None
    body: tuple[Statement, ...]
    outputs: OutputSection | None
    hints: AttributeSection | None
    meta: MetaSection | None
    parameter_meta: MetaSection | None


class Document(Node, frozen=True, eq=False, gc=False):
    """A document. `version` is the word after `version`, None when the statement is missing or unreadable."""

    version: Identifier | None
    imports: tuple[Import, ...]
    structs: tuple[StructDefinition, ...]
    enums: tuple[EnumDefinition, ...]
    tasks: tuple[Task, ...]
    workflow: Workflow | None
