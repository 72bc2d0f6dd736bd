"""The inputs that a command was given, for the target they are for.

In: the words of the command line and a document. Out: the target and its inputs; warnings go to the standard error.
What is wrong is told all at once, requirements given from outside included.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from pysprocket.cli.documents import remote
from pysprocket.cli.errors import warn
from pysprocket.cli.options import State
from pysprocket.errors import EvaluationError, InputError
from pysprocket.plan.arguments import Fetched, GivenInputs, parse_arguments
from pysprocket.plan.inputs import BoundInputs, bind_inputs
from pysprocket.plan.targets import Target, infer_target
from pysprocket.types.typed import TypedDocument
from pysprocket.values.model import Value


def given_inputs(
    arguments: Sequence[str], target: str | None, document: TypedDocument, state: State
) -> tuple[Target, BoundInputs]:
    """What is to be run, and with which inputs.

    Raises:
        InputError: with everything that is wrong.
    """
    given = parse_arguments(arguments, target, Path.cwd(), lambda url: _fetched(url, state))
    for warning in given.warnings if state.verbosity >= 0 else ():
        warn(warning, state)
    chosen = _target(document, target, given)
    bound = bind_inputs(chosen, given, _requirement_problem)
    for warning in bound.warnings if state.verbosity >= 0 else ():
        warn(warning, state)
    return chosen, bound


def fetcher(state: State) -> Callable[[str], Path]:
    """What gives local copies of remote files, and tells what the user should know about them.

    Configuration and cache are looked at when it is first called.
    """

    def fetch(url: str) -> Path:
        web = remote(state)
        path = web.path(url)
        for remark in web.take_remarks() if state.verbosity >= 0 else ():
            warn(remark, state)
        return path

    return fetch


def _fetched(url: str, state: State) -> Fetched:
    web = remote(state)
    return Fetched(web.read(url), web.location(url))


def _target(document: TypedDocument, target: str | None, given: GivenInputs) -> Target:
    try:
        return infer_target(document, target, given)
    except InputError as error:
        raise InputError([*given.problems, *error.problems], help=error.help) from None


def _requirement_problem(name: str, value: Value) -> str | None:
    """What is wrong with a requirement given from outside: it is told before anything is run."""
    from pysprocket.engine.requirements import Defaults, read_requirements  # noqa: PLC0415 - few give any

    try:
        read_requirements({name: value}, {}, Defaults())
    except EvaluationError as error:
        return str(error)
    return None
