"""Expressions and tasks as functions, made once and called often.

In: a typed document. Out: `Function`s of a scope and a context, and `evaluate`, which calls one and says where in the
document it failed. `values.translate` makes the Python code.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from types import TracebackType
from typing import TypeAlias

import msgspec

from pysprocket.errors import EvaluationError, OutputDirectoryError
from pysprocket.source.diagnostic import Label
from pysprocket.source.text import Source
from pysprocket.syntax import nodes
from pysprocket.types.model import Type
from pysprocket.types.typed import TypedDocument, TypedTask, TypedWorkflow
from pysprocket.values.blocks import BlockTranslator, conversions
from pysprocket.values.coerce import Converter
from pysprocket.values.context import Context
from pysprocket.values.model import Value
from pysprocket.values.text import quote
from pysprocket.values.translate import Translator

Function: TypeAlias = Callable[[Mapping[str, Value], Context], Value]
"""A compiled expression: takes the values of names and a context, gives the value."""


class Step(msgspec.Struct, frozen=True, eq=False):
    """One declaration of a task.

    Attributes:
        name: what it is called.
        type: its type; what `function` gives is of this type.
        function: its expression, None when it has none.
        is_input: whether it stands in the input section, where a given value goes before the expression.
    """

    name: str
    type: Type
    function: Function | None
    is_input: bool


class TaskProgram(msgspec.Struct, frozen=True, eq=False):
    """A task, ready to run.

    Attributes:
        declarations: inputs and private declarations in the order to evaluate them.
        requirements: by name, from `requirements` or, with all its keys, from `runtime`.
        hints: by name, from the `hints` section.
        command: gives the text of the command.
        outputs: the outputs in the order to evaluate them.
        environment: the declarations to set as environment variables.
    """

    declarations: tuple[Step, ...]
    requirements: dict[str, Function]
    hints: dict[str, Function]
    command: Function
    outputs: tuple[Step, ...]
    environment: tuple[str, ...]


def compile_expression(document: TypedDocument, expression: nodes.Expression, expected: Type | None = None) -> Function:
    """A function that gives the value of an expression of `document`, coerced to `expected` if that is given."""
    translator = Translator(document)
    return translator.compiled([translator.function(expression, expected)])[0]


@functools.cache
def compile_task(task: TypedTask) -> TaskProgram:
    """The functions of a task; the same object each time it is asked for the same task."""
    t = Translator(task.document)
    node = task.node
    sections = (node.requirements or node.runtime, node.hints)
    requirements, hints = ({m.name.name: m.value for m in section.members} if section else {} for section in sections)
    declarations = [*task.declarations, *task.output_declarations]
    trees = [
        *(
            t.function(declaration.expression, task.document.declared[declaration])
            for declaration in declarations
            if declaration.expression is not None
        ),
        *(t.function(value, None) for value in (*requirements.values(), *hints.values())),
        t.command(node.command),
    ]
    made = iter(t.compiled(trees))

    def step(declaration: nodes.Declaration) -> Step:
        name = declaration.name.name
        function = None if declaration.expression is None else next(made)
        return Step(name, task.document.declared[declaration], function, name in task.inputs)

    return TaskProgram(
        declarations=tuple(map(step, task.declarations)),
        outputs=tuple(map(step, task.output_declarations)),
        requirements={name: next(made) for name in requirements},
        hints={name: next(made) for name in hints},
        command=next(made),
        environment=tuple(each.name.name for each in task.declarations if each.environment),
    )


def compile_block(
    workflow: TypedWorkflow, statement: nodes.Scatter | nodes.If, mentions: Counter[str] | None = None
) -> Function:
    """A function that runs a scatter or conditional without calls and gives its exports by name.

    With `mentions`, how often each name is mentioned in the workflow, it gives only what somebody else asks for.

    Raises:
        ValueError: there is a call in it.
        SyntaxError: scatters are nested too deeply for one function.
    """
    block: Function = BlockTranslator(workflow, mentions).block(statement)
    return block


def compile_conversions(workflow: TypedWorkflow, node: nodes.If, clause: nodes.Clause) -> dict[str, Function]:
    """For each export of a clause that has another type outside: a function that gives it as what it is there."""
    return {name: _conversion(name, convert) for name, convert in conversions(workflow, node, clause).items()}


def _conversion(name: str, convert: Converter) -> Function:
    return lambda scope, context: convert(scope[name], context)


# --- failures ----------------------------------------------------------------------------------------------


def evaluate(function: Function, scope: Mapping[str, Value], context: Context) -> Value:
    """The value of a compiled expression.

    Raises:
        EvaluationError: it failed; `labels` has the place in the document, the message the elements of scatters.
    """
    try:
        return function(scope, context)
    except EvaluationError as error:
        if not error.labels:
            _locate(error, error.__traceback__)
        raise
    except OutputDirectoryError:  # a full disk is no fault of the expression
        raise
    except Exception as error:  # whatever a value can provoke: the user gets a sentence and a place
        failure = EvaluationError(_sentence(error))
        _locate(failure, error.__traceback__)
        raise failure from error


def tell_element(error: EvaluationError, variable: str, index: int, value: Value) -> None:
    """Say in the message of `error` for which element of a scatter it happened; inner scatters before outer ones."""
    error.args = (f"{error}, in element {index} of the scatter, where `{variable}` is {quote(value)}",)


def _sentence(error: Exception) -> str:
    match error:
        case ZeroDivisionError():
            return "division by zero"
        case OverflowError():
            return "the result is too large for a Float"
        case KeyError():
            return f"`{error.args[0]}` has no value here"
        case RecursionError() | MemoryError():
            return "the value is too large or too deeply nested"
        case OSError():
            return f"{error.filename or 'a file'}: {error.strerror or error}"
        case _:
            return f"the expression cannot be evaluated ({type(error).__name__}: {error})"


def _locate(error: EvaluationError, traceback: TracebackType | None) -> None:
    """Note the innermost compiled expression that the traceback passes, and the elements of the scatters around it."""
    passed = [each for each in _steps(traceback) if "__wdl_source__" in each.tb_frame.f_globals]
    if not passed:
        return
    outermost, innermost = passed[0].tb_frame, passed[-1]
    label = _label(innermost.tb_frame.f_globals["__wdl_source__"], innermost)
    error.labels = (label,)
    for loop in reversed(outermost.f_globals.get("__wdl_loops__", ())):
        if loop.start <= label.start < loop.end:
            values = outermost.f_locals
            tell_element(error, loop.name, len(values[loop.gathered]), values[loop.variable])


def _steps(traceback: TracebackType | None) -> Iterator[TracebackType]:
    while traceback is not None:
        yield traceback
        traceback = traceback.tb_next


def _label(source: Source, traceback: TracebackType) -> Label:
    positions = list(traceback.tb_frame.f_code.co_positions())
    line, end_line, column, end_column = positions[traceback.tb_lasti // 2]
    if line is None or end_line is None or column is None or end_column is None:  # python -X no_debug_ranges
        start = source.offset(traceback.tb_lineno, 1)
        return Label(source, start, start + len(source.line(traceback.tb_lineno)))
    return Label(source, source.offset(line, column + 1), source.offset(end_line, end_column + 1))
