"""The types of names, members and indexed items.

In: `Name`, `Access` and `Index` nodes. Out: their types. A name may stand for a call, an enum or the `task`
variable; those are not values, only their members are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pysprocket.syntax import nodes
from pysprocket.syntax.habits import CONSTANTS
from pysprocket.types.constants import check_index
from pysprocket.types.findings import article, listed
from pysprocket.types.functions import FUNCTIONS
from pysprocket.types.model import (
    ANY,
    FLOAT,
    INT,
    OBJECT,
    STRING,
    ArrayType,
    CallType,
    EnumNameType,
    MapType,
    ObjectType,
    PairType,
    StructType,
    TaskVariableType,
    Type,
    UnionType,
    optional,
    required,
)

if TYPE_CHECKING:
    from pysprocket.types.expressions import ExpressionChecker

# --- names -----------------------------------------------------------------------------------------------


def name(checker: ExpressionChecker, node: nodes.Name, expected: Type | None) -> Type:
    """What a name stands for."""
    binding = checker.scope.look_up(node.name, node)
    if binding is not None:
        return binding.type
    enum = checker.document.enums.get(node.name)
    if enum is not None:
        return EnumNameType(enum)
    if node.name == "task" and checker.version >= (1, 2):
        return _task_variable(checker, node)
    _report_unknown(checker, node)
    return ANY


_ATTRIBUTES = frozenset({"runtime", "requirements", "hints"})


def _report_unknown(checker: ExpressionChecker, node: nodes.Name) -> None:
    document = checker.document
    if node.name in checker.unknown or (checker.unknown and checker.version >= (1, 3) and node.name[0].isupper()):
        return  # the import that could not be had, or an enum of it
    message = f"there is no `{node.name}` here"
    remedy: str | None = None
    if checker.findings.full:
        checker.findings.error("UnknownName", message, node)
        return
    if node.name == "task" and checker.section != "workflow":
        message, remedy = "the `task` variable needs WDL 1.2", "use `version 1.2` or later"
        checker.findings.error("TaskVariable", message, node, help=remedy)
        return
    if node.name in checker.outputs:
        message = f"the output `{node.name}` can only be used in the output section"
        checker.findings.error("OutputReference", message, node, "not known yet")
        return
    if node.name in document.structs:
        message, remedy = f"`{node.name}` is a struct, not a value", f"write `{node.name} {{…}}` to make one"
    elif node.name in document.tasks or (document.workflow is not None and document.workflow.name == node.name):
        message, remedy = f"`{node.name}` is not a value", f"call it, then use `{node.name}.OUTPUT`"
        if (alias := _alias(checker, node.name)) is not None:
            remedy = f"it is called under the name `{alias}`: write `{alias}.OUTPUT`"
    elif node.name in document.namespaces:
        message, remedy = f"`{node.name}` is an import, not a value", f"call what it holds: `call {node.name}.TASK`"
    elif (variable := _scatter_variable(checker, node.name)) is not None:
        label = checker.findings.label(variable, "only known in the body of this scatter")
        remedy = "declare what you need of it in that body: after the scatter it is an array of all"
        checker.findings.error("UnknownName", message, node, "", label, help=remedy)
        return
    else:
        remedy = _meant(checker, node)
    checker.findings.error("UnknownName", message, node, help=remedy)


def _scatter_variable(checker: ExpressionChecker, name: str) -> nodes.Identifier | None:
    """The variable of that name that a scatter of the workflow has, when the workflow is what is checked."""
    workflow = checker.document.tree.workflow
    if workflow is None or checker.section != "workflow":
        return None
    if checker.scatter_variables is None:
        checker.scatter_variables = _scatter_variables(workflow)
    return checker.scatter_variables.get(name)


def _scatter_variables(workflow: nodes.Workflow) -> dict[str, nodes.Identifier]:
    """The variables of all scatters by their names, the first of each name."""
    found: dict[str, nodes.Identifier] = {}
    todo = list(workflow.body)
    for statement in todo:
        if isinstance(statement, nodes.Scatter):
            found.setdefault(statement.variable.name, statement.variable)
            todo += statement.body
        elif isinstance(statement, nodes.If):
            todo += [inner for clause in statement.clauses for inner in clause.body]
    return found


def _meant(checker: ExpressionChecker, node: nodes.Name) -> str | None:
    """What an unknown name was probably meant to be."""
    name, text = node.name, checker.document.source.text
    line = text[text.rfind("\n", 0, node.start) + 1 : node.start].lstrip()
    if name in CONSTANTS:
        return f"write `{CONSTANTS[name]}`" if CONSTANTS[name] != "None" or checker.version > (1, 0) else None
    if name in FUNCTIONS:
        return f"`{name}` is a function: write `{name}(…)`"
    declared = getattr(checker.scope.current, "name", None)  # what has this very expression as its value
    visible = (other for other in checker.scope.visible() if declared is None or other != declared.name)
    suggestion = checker.findings.suggestion(name, [*visible, *checker.document.enums])
    for enum in checker.document.enums.values():
        if any(choice == name for choice, _ in enum.choices):
            return f"did you mean `{enum.name}.{name}`?"
    if checker.section == "command" and line.startswith("#"):
        return "placeholders are read in comments of the shell too: remove it, or write `~ {`"
    if checker.section == "command" and line.endswith("${") and suggestion is None:
        return "`${…}` is a placeholder in `command { … }`; for a variable of the shell write `command <<< … >>>`"
    if suggestion is None and checker.section in _ATTRIBUTES:
        return f'write `"{name}"` if it is a text'
    return suggestion


def _alias(checker: ExpressionChecker, callee: str) -> str | None:
    """The name of a call that can be seen from here and calls `callee`."""
    for name in checker.scope.visible():
        binding = checker.scope.find(name)
        if binding and isinstance(binding.statement, nodes.Call) and binding.statement.callee[-1].name == callee:
            return name
    return None


def report_not_a_value(checker: ExpressionChecker, node: nodes.Expression, type_: Type) -> None:
    """Report a call, the name of an enum or the `task` variable that stands where a value is wanted."""
    if isinstance(type_, CallType):
        outputs = [output for output, _ in type_.outputs]
        message = f"the call `{type_.name}` is not a value"
        remedy = f"name one of its outputs: {listed(outputs)}" if outputs else "it has no outputs"
    elif isinstance(type_, EnumNameType):
        message = f"the enum `{type_.enum.name}` is not a value"
        remedy = f"name one of its choices: {listed(f'{type_.enum.name}.{choice}' for choice, _ in type_.enum.choices)}"
    else:
        message = f"`{type_}` is not a value"
        remedy = f"name one of its members, such as `{type_}.memory`"
    checker.findings.error("NotAValue", message, node, help=remedy)


# --- the `task` variable ---------------------------------------------------------------------------------

_STRINGS = ArrayType(STRING)
_SIZES = MapType(STRING, INT)
_TASK: dict[str, Type] = {
    "name": STRING,
    "id": STRING,
    "container": optional(STRING),
    "cpu": FLOAT,
    "memory": INT,
    "gpu": _STRINGS,
    "fpga": _STRINGS,
    "disks": _SIZES,
    "max_retries": INT,
    "attempt": INT,
    "previous": TaskVariableType(previous=True),
    "end_time": optional(INT),
    "return_code": INT,
    "meta": OBJECT,
    "parameter_meta": OBJECT,
    "ext": OBJECT,
}
_SINCE_1_3 = frozenset({"max_retries", "previous"})
_BEFORE_START = frozenset({"name", "id", "attempt", "previous", "meta", "parameter_meta", "ext"})
_PREVIOUS = {
    member: optional(_TASK[member]) for member in ("memory", "cpu", "container", "gpu", "fpga", "disks", "max_retries")
}


def _task_variable(checker: ExpressionChecker, node: nodes.Name) -> Type:
    section = checker.section
    if section in {"command", "output"} or (
        section in {"requirements", "hints", "runtime"} and checker.version > (1, 2)
    ):
        return TaskVariableType()
    remedy = "it is known in the command and the output section of a task"
    if checker.version > (1, 2):
        remedy += ", and in part in requirements, hints and runtime"
    checker.findings.error("TaskVariable", "the `task` variable cannot be used here", node, help=remedy)
    return ANY


def _task_member(checker: ExpressionChecker, node: nodes.Access, target: TaskVariableType) -> Type:
    member = node.member.name
    table = _PREVIOUS if target.previous else _TASK
    type_ = table.get(member)
    if type_ is None or (member in _SINCE_1_3 and checker.version < (1, 3)):
        message = f"`{target}` has no member `{member}`" + " before WDL 1.3" * (type_ is not None)
        known = [name for name in table if name != member and (checker.version > (1, 2) or name not in _SINCE_1_3)]
        return _unknown_member(checker, node, message, known, "its members are")
    if target.previous:
        return type_
    if checker.section not in {"command", "output"} and member not in _BEFORE_START:
        message = f"`task.{member}` is not known before the task starts"
        checker.findings.error("TaskVariable", message, node, help=f"known here are {listed(sorted(_BEFORE_START))}")
        return ANY
    if member == "return_code" and checker.section != "output":
        message = "`task.return_code` is known in the output section only"
        checker.findings.error("TaskVariable", message, node)
        return ANY
    return type_


# --- members ---------------------------------------------------------------------------------------------


def access(checker: ExpressionChecker, node: nodes.Access, expected: Type | None) -> Type:
    """`target.member`."""
    target = checker.infer(node.target)
    rule = _MEMBERS.get(type(target))
    if rule is None:
        text, member = checker.findings.text(node.target), node.member.name
        remedy = f"write `{member}({text})`" if member in FUNCTIONS else None
        message, label = f"{article(target)} has no members", checker.findings.label(node.target)
        checker.findings.error("UnknownMember", message, node.member, "", label, help=remedy)
        return ANY
    if target.optional and not isinstance(target, UnionType):
        checker.lenient(node.target, target, required(target), f"the value before `.{node.member.name}`")
    result: Type = rule(checker, node, target)
    return result


def _unknown_member(
    checker: ExpressionChecker, node: nodes.Access, message: str, members: dict[str, Type] | list[str], which: str = ""
) -> Type:
    remedy = checker.findings.suggestion(node.member.name, members)
    if remedy is None and which:
        remedy = f"{which} {listed(members)}" if members else "it has none"
    checker.findings.error("UnknownMember", message, node.member, help=remedy)
    return ANY


def _struct_member(checker: ExpressionChecker, node: nodes.Access, target: StructType) -> Type:
    type_ = target.member(node.member.name)
    if type_ is not None:
        return type_
    message = f"`{target.name}` has no member `{node.member.name}`"
    return _unknown_member(checker, node, message, dict(target.members), "its members are")


def _call_member(checker: ExpressionChecker, node: nodes.Access, target: CallType) -> Type:
    for output, type_ in target.outputs:
        if output == node.member.name:
            return type_
    message = f"the call `{target.name}` has no output `{node.member.name}`"
    return _unknown_member(checker, node, message, dict(target.outputs), "its outputs are")


def _pair_member(checker: ExpressionChecker, node: nodes.Access, target: PairType) -> Type:
    side = node.member.name
    if side in {"left", "right"}:
        return target.left if side == "left" else target.right
    return _unknown_member(checker, node, f"a Pair has `left` and `right`, not `{side}`", ["left", "right"])


def _choice(checker: ExpressionChecker, node: nodes.Access, target: EnumNameType) -> Type:
    choices = [choice for choice, _ in target.enum.choices]
    if node.member.name in choices or not choices:  # an enum without choices is reported where it is defined
        return target.enum
    message = f"`{target.enum.name}` has no choice `{node.member.name}`"
    checker.findings.error(
        "UnknownChoice",
        message,
        node.member,
        help=checker.findings.suggestion(node.member.name, choices) or f"it has {listed(choices)}",
    )
    return ANY


def _any_member(checker: ExpressionChecker, node: nodes.Access, target: ObjectType | UnionType) -> Type:
    return ANY


_MEMBERS: dict[type, Callable[[ExpressionChecker, nodes.Access, Any], Type]] = {
    StructType: _struct_member,
    CallType: _call_member,
    PairType: _pair_member,
    EnumNameType: _choice,
    TaskVariableType: _task_member,
    ObjectType: _any_member,
    UnionType: _any_member,
}


# --- index -----------------------------------------------------------------------------------------------


def index(checker: ExpressionChecker, node: nodes.Index, expected: Type | None) -> Type:
    """`target[index]` of an Array or a Map."""
    target = checker.value(node.target)
    if target.optional and not isinstance(target, UnionType):
        checker.lenient(node.target, target, required(target), "the value before `[`")
    if isinstance(target, ArrayType):
        checker.coerce(node.index, INT, "the index of an Array")
        check_index(checker, node)
        return target.item
    if isinstance(target, MapType):
        checker.coerce(node.index, target.key, f"the key of {article(target)}")
        check_index(checker, node)
        return target.value
    key = checker.value(node.index)
    if isinstance(target, (StructType, ObjectType)) and required(key) == STRING:
        return _indexed_member(checker, node, target)
    if not isinstance(target, UnionType):
        message = f"{article(target)} cannot be indexed; only an Array or a Map can"
        checker.findings.error("NotIndexable", message, node.target, f"this is {article(target)}")
    return ANY


def _indexed_member(checker: ExpressionChecker, node: nodes.Index, target: StructType | ObjectType) -> Type:
    """`target["member"]`, as if it were a Map; which member a computed text names is only known when it runs."""
    text = node.index.text if isinstance(node.index, nodes.String) else None
    type_ = target.member(text) if text and isinstance(target, StructType) else ANY
    if type_ is None:
        members = dict(target.members) if isinstance(target, StructType) else {}
        remedy = checker.findings.suggestion(text or "", members) or f"its members are {listed(members)}"
        checker.findings.error("UnknownMember", f"`{target}` has no member `{text}`", node.index, help=remedy)
        return ANY
    checker.findings.leniency(
        "NotIndexable",
        f"{article(target)} cannot be indexed; only an Array or a Map can",
        node.index,
        "its member is taken",
        help=f"write `{checker.findings.text(node.target)}.{text}`" if text else "declare a Map, or write the member",
    )
    return type_
