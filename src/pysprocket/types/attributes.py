"""The attributes in `runtime`, `requirements` and `hints`.

In: such a section of a task. Out: types of its values; diagnostics for unknown, repeated and ill-typed attributes.
Source: WDL specification, "Runtime Section", "Requirements Section", "Hints Section". `runtime` takes any attribute,
`requirements` only those of the table; a hint never fails a task, so what is wrong with one is a warning.
"""

from __future__ import annotations

from pysprocket.syntax import nodes
from pysprocket.types.coercion import Coercibility, coercible
from pysprocket.types.expressions import ExpressionChecker
from pysprocket.types.findings import Findings, article
from pysprocket.types.model import BOOLEAN, FLOAT, INT, STRING, ArrayType, HintsType, MapType, Type, UnionType, required
from pysprocket.types.requirement_values import flaw

_STRINGS = ArrayType(STRING)
REQUIREMENTS: dict[str, tuple[Type, ...]] = {
    "container": (STRING, _STRINGS),
    "cpu": (INT, FLOAT),
    "memory": (INT, STRING),
    "gpu": (BOOLEAN,),
    "fpga": (BOOLEAN,),
    "disks": (INT, STRING, _STRINGS),
    "max_retries": (INT,),
    "return_codes": (INT, STRING, ArrayType(INT)),
}
_HINTS: dict[str, tuple[Type, ...]] = {
    "max_cpu": (INT, FLOAT),
    "max_memory": (INT, STRING),
    "disks": (STRING, MapType(STRING, STRING)),
    "gpu": (INT, STRING),
    "fpga": (INT, STRING),
    "short_task": (BOOLEAN,),
    "localization_optional": (BOOLEAN,),
    "inputs": (HintsType("input"),),
    "outputs": (HintsType("output"),),
}
ALIASES = {
    "docker": "container",
    "maxRetries": "max_retries",
    "returnCodes": "return_codes",
    "maxCpu": "max_cpu",
    "maxMemory": "max_memory",
    "shortTask": "short_task",
    "localizationOptional": "localization_optional",
}
_SIZES = frozenset({"memory", "disks"})
_RUNTIME = frozenset({"container", "docker", "cpu", "memory"})
_LEAST = {"runtime": Coercibility.LENIENT, "requirements": Coercibility.YES, "hints": Coercibility.YES}


def check_attributes(checker: ExpressionChecker, section: nodes.AttributeSection, task: nodes.Task) -> None:
    """Type the values of a section of a task and check those whose meaning the specification defines."""
    checker.section = section.kind
    for member in section.members:
        given = checker.value(member.value)
        if section.kind == "hints":
            _check_hint(checker, member, given, task)
        else:
            _check_requirement(checker, section.kind, member, given)
    _check_aliases(checker.findings, section)


def _check_aliases(findings: Findings, section: nodes.AttributeSection) -> None:
    names = {member.name.name: member.name for member in section.members}
    for alias, name in ALIASES.items():
        if alias in names and name in names:
            first = findings.label(names[name], "also given here")
            report = findings.error if section.kind == "requirements" else findings.warning
            message = f"`{alias}` and `{name}` are two names of one attribute"
            report("DuplicateKey", message, names[alias], "again here", first, help=f"remove `{alias}`")


def _fits(given: Type, wanted: tuple[Type, ...], least: Coercibility) -> bool:
    kinds = [type_ for type_ in wanted if isinstance(given, UnionType) or type(type_) is type(given)]
    return max((coercible(required(given), type_) for type_ in kinds), default=Coercibility.NO) >= least


def _kinds(wanted: tuple[Type, ...]) -> str:
    *firsts, last = [f"`{type_} {{ … }}`" if isinstance(type_, HintsType) else f"`{type_}`" for type_ in wanted]
    return f"{', '.join(firsts)} or {last}" if firsts else last


# --- requirements ----------------------------------------------------------------------------------------


def _check_requirement(checker: ExpressionChecker, kind: str, member: nodes.Member, given: Type) -> None:
    findings, name = checker.findings, member.name.name
    meant = ALIASES.get(name, name)
    wanted = REQUIREMENTS.get(meant)
    if wanted is None:
        if kind == "requirements":
            _unknown_requirement(findings, member.name)
    elif kind == "runtime" and name not in _RUNTIME:
        return  # engines gave these meanings and types of their own before they were specified
    elif not _fits(given, wanted, _LEAST[kind]):
        message = f"`{name}` must be {_kinds(wanted)}, and this is {article(given)}"
        readable = required(given) == STRING or (required(given) == FLOAT and meant in _SIZES)
        if readable and _fits(given, wanted, Coercibility.LENIENT):
            remark, remedy = (
                "converted when it runs; it fails if that cannot be done",
                f"give a value of type {_kinds(wanted)}",
            )
            findings.leniency("ImplicitConversion", message, member.value, remark, help=remedy)
        else:
            findings.error("TypeMismatch", message, member.value, f"this is {article(given)}")
    elif (reason := flaw(meant, member.value)) is not None:
        report = findings.error if kind == "requirements" else findings.warning
        report("RequirementValue", f"`{name}` cannot have this value: {reason}", member.value)


def _unknown_requirement(findings: Findings, name: nodes.Identifier) -> None:
    suggested = findings.suggestion(name.name, [*REQUIREMENTS, "docker", "maxRetries", "returnCodes"])
    remedy = suggested or "what only helps the engine is a hint: write it in `hints`"
    findings.error("UnknownRequirement", f"there is no requirement `{name.name}`", name, help=remedy)


# --- hints -----------------------------------------------------------------------------------------------


def _check_hint(checker: ExpressionChecker, member: nodes.Member, given: Type, task: nodes.Task) -> None:
    name = member.name.name
    meant = ALIASES.get(name, name)
    wanted = _HINTS.get(meant)
    if wanted is None:
        return
    if not _fits(given, wanted, Coercibility.YES):
        message = f"the hint `{name}` should be {_kinds(wanted)}, and this is {article(given)}"
        checker.findings.warning("HintValue", message, member.value, "has no effect")
    elif isinstance(member.value, nodes.HintsValue):
        section = task.inputs if meant == "inputs" else task.outputs
        _check_described(checker.findings, member.value, section, meant.removesuffix("s"))
    elif meant != "disks" and (reason := flaw(meant, member.value)) is not None:
        checker.findings.warning("HintValue", f"the hint `{name}` has no effect: {reason}", member.value)


def _check_described(
    findings: Findings, node: nodes.HintsValue, section: nodes.InputSection | nodes.OutputSection | None, what: str
) -> None:
    """Warn of hints about inputs or outputs that the task does not have."""
    known = [declaration.name.name for declaration in section.declarations] if section else []
    for member in node.members:
        name = member.name.name.split(".")[0]
        if name not in known:
            message = f"the task has no {what} `{name}` that this hint could be about"
            findings.warning("HintValue", message, member.name, help=findings.suggestion(name, known))
