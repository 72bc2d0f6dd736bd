"""What stands in `runtime`, `requirements` and `hints`.

In: an `AttributeSection`. Out: types of its values; diagnostics for unknown, repeated and ill-typed attributes.
Source: WDL specification, "Runtime Section", "Requirements Section", "Hints Section". `runtime` takes any
attribute, `requirements` only those of the table.
"""

from __future__ import annotations

from pysprocket.syntax import nodes
from pysprocket.types.coercion import Coercibility, coercible
from pysprocket.types.expressions import ExpressionChecker
from pysprocket.types.findings import article
from pysprocket.types.model import BOOLEAN, FLOAT, INT, STRING, ArrayType, Type, required

_STRINGS = ArrayType(STRING)
_REQUIREMENTS: dict[str, tuple[Type, ...]] = {
    "container": (STRING, _STRINGS),
    "cpu": (INT, FLOAT),
    "memory": (INT, STRING),
    "gpu": (BOOLEAN,),
    "fpga": (BOOLEAN,),
    "disks": (INT, STRING, _STRINGS),
    "max_retries": (INT,),
    "return_codes": (INT, STRING, ArrayType(INT)),
}
_ALIASES = {"docker": "container", "maxRetries": "max_retries", "returnCodes": "return_codes"}
_RUNTIME = frozenset({"container", "docker", "cpu", "memory"})
_LEAST = {"runtime": Coercibility.LENIENT, "requirements": Coercibility.YES}


def check_attributes(checker: ExpressionChecker, section: nodes.AttributeSection) -> None:
    """Type the values of a section and check those whose meaning the specification defines."""
    checker.section = section.kind
    for member in section.members:
        given = checker.value(member.value)
        if section.kind != "hints":
            _check_attribute(checker, section, member, given)
    if section.kind == "requirements":
        _check_aliases(checker, section)


def _check_aliases(checker: ExpressionChecker, section: nodes.AttributeSection) -> None:
    names = {member.name.name: member.name for member in section.members}
    for alias, name in _ALIASES.items():
        if alias in names and name in names:
            first = checker.findings.label(names[name], "also given here")
            checker.findings.error("DuplicateKey", f"`{alias}` and `{name}` are the same", names[alias], "", first)


def _check_attribute(
    checker: ExpressionChecker, section: nodes.AttributeSection, member: nodes.Member, given: Type
) -> None:
    name = member.name.name
    wanted = _REQUIREMENTS.get(_ALIASES.get(name, name))
    if wanted is None:
        if section.kind == "requirements":
            remedy = (
                checker.findings.suggestion(name, [*_REQUIREMENTS, *_ALIASES])
                or "what only helps the engine is a hint: write it in `hints`"
            )
            checker.findings.error("UnknownRequirement", f"there is no requirement `{name}`", member.name, help=remedy)
    elif section.kind == "runtime" and name not in _RUNTIME:
        return  # engines gave these meanings and types of their own before they were specified
    elif max(coercible(required(given), type_) for type_ in wanted) < _LEAST[section.kind]:
        kinds = " or ".join(f"`{type_}`" for type_ in wanted)
        message = f"`{name}` must be {kinds}, and this is {article(given)}"
        checker.findings.error("TypeMismatch", message, member.value, f"this is {article(given)}")
