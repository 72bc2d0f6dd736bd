"""What stands in `runtime`, `requirements` and `hints`.

In: an `AttributeSection`. Out: types of its values; diagnostics for unknown, repeated and ill-typed attributes.
Source: WDL specification, "Runtime Section", "Requirements Section", "Hints Section". `runtime` takes any
attribute, `requirements` only those of the table.
"""

from __future__ import annotations

from pysprocket.syntax import nodes
from pysprocket.types.coercion import Coercibility, coercible
from pysprocket.types.expressions import ExpressionChecker
from pysprocket.types.findings import article, suggestion
from pysprocket.types.model import BOOLEAN, FLOAT, INT, STRING, ArrayType, Type

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


def check_attributes(checker: ExpressionChecker, section: nodes.AttributeSection) -> None:
    """Type the values of a section and check those whose meaning the specification defines."""
    checker.section = section.kind
    seen: dict[str, nodes.Identifier] = {}
    for member in section.members:
        name = member.name.name
        key = _ALIASES.get(name, name) if section.kind == "requirements" else name
        if key in seen:
            first = checker.findings.label(seen[key], "first given here")
            message = (
                f"`{name}` is given twice" if seen[key].name == name else f"`{name}` is `{seen[key].name}`, given twice"
            )
            checker.findings.error("DuplicateKey", message, member.name, "again here", first)
        seen[key] = member.name
        given = checker.value(member.value)
        if section.kind != "hints":
            _check_attribute(checker, section, member, given)


def _check_attribute(
    checker: ExpressionChecker, section: nodes.AttributeSection, member: nodes.Member, given: Type
) -> None:
    name = member.name.name
    wanted = _REQUIREMENTS.get(_ALIASES.get(name, name))
    if wanted is None:
        if section.kind == "requirements":
            remedy = (
                suggestion(name, [*_REQUIREMENTS, *_ALIASES])
                or "what only helps the engine is a hint: write it in `hints`"
            )
            checker.findings.error("UnknownRequirement", f"there is no requirement `{name}`", member.name, help=remedy)
    elif all(coercible(given, type_) is Coercibility.NO for type_ in wanted):
        kinds = " or ".join(f"`{type_}`" for type_ in wanted)
        message = f"`{name}` must be {kinds}, and this is {article(given)}"
        checker.findings.error("TypeMismatch", message, member.value, f"this is {article(given)}")
