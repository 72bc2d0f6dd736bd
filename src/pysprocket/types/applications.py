"""The types of calls of standard-library functions.

In: `Apply` nodes. Out: their types; `TypedDocument.parameters` receives the types that the arguments are coerced to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pysprocket.syntax import nodes
from pysprocket.types.coercion import Coercibility
from pysprocket.types.constants import check_arguments
from pysprocket.types.findings import article
from pysprocket.types.functions import FUNCTIONS, Function, Signature
from pysprocket.types.model import ANY, Primitive, Type
from pysprocket.types.overloads import fit, has_json, resolve

if TYPE_CHECKING:
    from pysprocket.types.expressions import ExpressionChecker

_OUTPUT_ONLY = frozenset({"glob", "stdout", "stderr"})


def apply(checker: ExpressionChecker, node: nodes.Apply, expected: Type | None) -> Type:
    """`function(argument, …)`."""
    arguments = tuple([checker.value(argument) for argument in node.arguments])
    name = node.function.name
    function = FUNCTIONS.get(name)
    if function is None:
        message = f"there is no function `{name}`"
        checker.findings.error(
            "UnknownFunction", message, node.function, help=checker.findings.suggestion(name, FUNCTIONS)
        )
        return ANY
    if name in _OUTPUT_ONLY and checker.section != "output":
        message = f"`{name}` can only be used in the output section of a task"
        checker.findings.error("MisplacedFunction", message, node.function)
    match = resolve(function, arguments, _version(checker, node, function))
    if match is None:
        return _explain(checker, node, function, arguments)
    checker.document.parameters[node] = match.parameters
    for place, (argument, given, wanted, level) in enumerate(
        zip(node.arguments, arguments, match.parameters, match.levels, strict=True), start=1
    ):
        if level is not Coercibility.YES or (isinstance(argument, nodes.Array) and not argument.items):
            checker.fits(argument, given, wanted, f"argument {place} of `{name}`")
    check_arguments(checker, node)
    if name == "write_json" and not has_json(arguments[0]):
        _warn_json(checker, node.arguments[0], arguments[0])
    return match.result


def _warn_json(checker: ExpressionChecker, argument: nodes.Expression, given: Type) -> None:
    message = f"{article(given)} cannot be written as JSON, which has no Pair and no keys but Strings"
    remedy = "write a struct, or a Map whose keys are Strings"
    checker.findings.leniency("NoJsonForm", message, argument, "it fails when it runs", help=remedy)


def _version(checker: ExpressionChecker, node: nodes.Apply, function: Function) -> tuple[int, int]:
    """The version whose overloads count: engines have the functions of 1.1 in documents of 1.0 too."""
    if checker.version >= (1, 1) or function.since != (1, 1):
        return checker.version
    message = f"`{function.name}` came with WDL 1.1, and this document is WDL 1.0; other engines may refuse it"
    checker.findings.leniency("FunctionVersion", message, node.function, help="write `version 1.1`")
    return (1, 1)


def _explain(checker: ExpressionChecker, node: nodes.Apply, function: Function, arguments: tuple[Type, ...]) -> Type:
    """Report why no overload fits; gives the type of the result when it is plain all the same."""
    count = len(arguments)
    if function.since > checker.version:
        _too_new(checker, node, f"`{function.name}`", function.since)
        return _certain_result(function.overloads)
    known = [overload for overload in function.overloads if overload.since <= checker.version]
    newer = [
        overload for overload in function.overloads if overload.since > checker.version and overload.accepts(count)
    ]
    for overload in newer:
        if Coercibility.NO not in fit(overload, arguments).levels:
            _too_new(checker, node, f"this form of `{function.name}`", overload.since)
            return _certain_result(function.overloads)
    candidates = [overload for overload in known if overload.accepts(count)]
    if not candidates:
        _wrong_count(checker, node, function, known)
    else:
        _wrong_types(checker, node, function, candidates, arguments)
    return _certain_result(function.overloads)


def _certain_result(overloads: tuple[Signature, ...]) -> Type:
    """The type that all overloads give when it is the same primitive type, else ANY."""
    result = overloads[0].result
    same = all(overload.result == result for overload in overloads)
    return result if same and isinstance(result, Primitive) else ANY


def _too_new(checker: ExpressionChecker, node: nodes.Apply, what: str, since: tuple[int, int]) -> None:
    version = f"{since[0]}.{since[1]}"
    mine = f"{checker.version[0]}.{checker.version[1]}"
    checker.findings.error(
        "FunctionVersion",
        f"{what} needs WDL {version}, and this document is WDL {mine}",
        node.function,
        help=f"write `version {version}` or later at the top of the document",
    )


def _wrong_count(checker: ExpressionChecker, node: nodes.Apply, function: Function, known: list[Signature]) -> None:
    least = min(overload.required for overload in known)
    most = max(len(overload.parameters) for overload in known)
    wanted = str(least) if least == most else f"{least} {'or' if most == least + 1 else 'to'} {most}"
    plural = "argument" if most == 1 else "arguments"
    given = f"{len(node.arguments)} {'is' if len(node.arguments) == 1 else 'are'} given"
    checker.findings.error(
        "ArgumentCount",
        f"`{function.name}` takes {wanted} {plural}, and {given}",
        node,
        help=f"it is written {_forms(function, known)}",
    )


def _wrong_types(
    checker: ExpressionChecker,
    node: nodes.Apply,
    function: Function,
    candidates: list[Signature],
    arguments: tuple[Type, ...],
) -> None:
    levels = [fit(candidate, arguments).levels for candidate in candidates]
    wrong = [place for place in range(len(arguments)) if all(level[place] is Coercibility.NO for level in levels)]
    place = wrong[0] if wrong else 0
    given = arguments[place]
    checker.findings.error(
        "ArgumentType",
        f"argument {place + 1} of `{function.name}` cannot be {article(given)}",
        node.arguments[place],
        f"this is {article(given)}",
        help=f"it is written {_forms(function, candidates)}",
    )


def _forms(function: Function, overloads: list[Signature]) -> str:
    return " or ".join(f"`{function.written(overload)}`" for overload in overloads)
