"""What all runs have in common: the order, the directory, the records, the outputs that are left.

In: an `Order`. Out: `recorded` and `begun`, the blocks in which a run takes place; `leave`, which gives the outputs as
JSON data, on disk and in the index too; `tidy`, for when all that is recorded. From its first event on, the database
knows of the run until its end, whatever that is.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import msgspec

from pysprocket.cli.signals import interruptible
from pysprocket.clock import now
from pysprocket.config.backends import ChosenBackend
from pysprocket.config.settings import Config
from pysprocket.engine.directory import RunDirectory, absolute, create_run_directory, prepare_output_directory
from pysprocket.engine.downloads import Downloads, remote_paths
from pysprocket.engine.emitter import Emitter
from pysprocket.engine.events import Indexed, Notice, RunEnded, RunResumed, RunStarted, Status, Transfer
from pysprocket.engine.files import pretty_json, write_file
from pysprocket.engine.past import Past
from pysprocket.errors import EvaluationError, OutputDirectoryError, RecordsError, RunInterrupted, SprocketError
from pysprocket.plan.inputs import BoundInputs
from pysprocket.plan.targets import Target
from pysprocket.records.database import DATABASE
from pysprocket.records.recorder import Recorder
from pysprocket.source.uris import without_logins
from pysprocket.source.visible import some
from pysprocket.types.typed import TypedTask
from pysprocket.values.json import to_json
from pysprocket.values.model import Directory, File, Value, map_paths

_LEFT = "the run was interrupted and left at once"


class Resumed(msgspec.Struct, frozen=True, eq=False):
    """A run that an earlier process began; whoever goes on with it holds the lock of its directory."""

    run_id: str
    name: str
    directory: RunDirectory
    past: Past


class Order(msgspec.Struct, frozen=True, eq=False):
    """What is to be run, and where.

    Attributes:
        documents: the text of each document by URI.
        fetch: gives local copies of remote files.
        settings: what `sprocket resume` needs to know of the command line.
        index_on: the path below `index/` where outputs are linked.
        call_cache: whether the call cache may be used.
        resumed: the run that is gone on with, None for a new one.
    """

    target: Target
    inputs: BoundInputs
    backend: ChosenBackend
    config: Config
    output_directory: Path
    documents: Mapping[str, str]
    suffix: str | None = None
    fetch: Callable[[str], Path] | None = None
    settings: Mapping[str, Any] = {}
    index_on: str | None = None
    call_cache: bool = True
    resumed: Resumed | None = None

    def downloads(self, directory: RunDirectory, emitter: Emitter) -> Downloads:
        """Of the run in a directory."""
        given = {**self.inputs.values, **self.inputs.nested}
        keys = {url: f"{self.target.name}.{key}" for key, value in given.items() for url in remote_paths([value])}
        downloads = Downloads(self.fetch, directory.path / "downloads", keys)
        downloads.begins = lambda url: emitter(Transfer(now(), emitter.run_id, url))
        downloads.ended = lambda url, error: emitter(Transfer(now(), emitter.run_id, url, ended=True, error=error))
        return downloads


class Finished(msgspec.Struct, frozen=True, eq=False):
    """What a run gave: its outputs as values, as JSON data and as a JSON text, and where they lie."""

    values: dict[str, Value]
    outputs: dict[str, Any]
    text: bytes
    path: Path


@contextmanager
def recorded(order: Order, emitter: Emitter) -> Iterator[tuple[Recorder, RunDirectory]]:
    """In this block there is a run directory, and the database listens; all it heard is on disk at its end."""
    output = prepare_output_directory(order.output_directory)
    if order.index_on is not None:
        from pysprocket.records.index import check_index  # noqa: PLC0415 - only for those who want one

        check_index(output, order.index_on)
    recorder = Recorder(output / DATABASE, tell=emitter)
    with ExitStack() as stack:
        stack.push(recorder)
        if order.resumed is None:
            directory = create_run_directory(output, order.target.name, order.suffix)
            stack.callback(_discard_unless_begun, emitter, directory)
            stack.enter_context(directory.locked())
        else:
            directory = order.resumed.directory
        stack.enter_context(_measured(emitter, output, directory))
        stack.push(recorder)  # everything is on disk before the lock is given up
        emitter.listeners.append(recorder)
        yield recorder, directory


def _discard_unless_begun(emitter: Emitter, directory: RunDirectory) -> None:
    """What nobody knows of is of no use to anybody."""
    if not emitter.begun:
        directory.discard()


@contextmanager
def _measured(emitter: Emitter, output: Path, directory: RunDirectory) -> Iterator[None]:
    """When this block ends, and all is recorded, the figures of the run are left, whatever has become of it."""
    ended = False
    try:
        yield
        ended = True
    finally:
        from pysprocket.records.metrics import METRICS, write_metrics  # noqa: PLC0415 - the run is not kept waiting

        try:
            write_metrics(output / DATABASE, emitter.run_id, directory.path)
        except RecordsError as error:  # all was written, so something has happened to it
            if ended:
                message = f"what was recorded of the run cannot be read, and may be lost: {error}"
                emitter(Notice(now(), message, warning=True))
        except SprocketError as error:  # the run has its end, and what stopped it is told already
            if ended:
                emitter(Notice(now(), f"there is no `{METRICS}` of the run: {error}", warning=True))


def with_files(order: Order, directory: RunDirectory, downloads: Downloads) -> Order:
    """The order with inputs whose files all lie somewhere.

    Raises:
        SprocketError: one cannot be had.
    """
    if not order.inputs.staged:
        return order
    from pysprocket.engine.staging import lay_out  # noqa: PLC0415 - hardly ever

    with interruptible():
        return msgspec.structs.replace(order, inputs=lay_out(order.inputs, directory.path / "staged", downloads))


@contextmanager
def begun(
    order: Order, emitter: Emitter, recorder: Recorder, directory: RunDirectory, backend: str
) -> Iterator[Callable[[Finished], None]]:
    """In this block the run is under way; what stops it is recorded as its end, unless it was said to be complete.

    From its first moment on the database knows of the run, for whoever comes after a process that was killed.

    Raises:
        RunInterrupted: it was interrupted; says how to go on.
    """
    name = emitter.run_name
    end: RunEnded | None = None

    def completed(finished: Finished) -> None:
        nonlocal end
        end = RunEnded(now(), emitter.run_id, Status.COMPLETED, finished.outputs)
        emitter(end)

    emitter.begun = True
    emitter(_started(order, emitter.run_id, name, backend, directory))
    recorder.write_now()
    try:
        write_file(directory.path / "inputs.json", without_logins(pretty_json(order.inputs.given)), durable=True)
        yield completed
    except BaseException as raised:
        if end is not None:
            raise
        error = raised
        if isinstance(raised, KeyboardInterrupt) and raised.args:  # by a signal, whose name it has
            error = RunInterrupted(f"the run was interrupted by {raised}")
        interrupted = is_interruption(error)
        reason = f"{_reason(error)}; `sprocket resume {name}` goes on with it" if interrupted else _reason(error)
        status = Status.CANCELED if interrupted else Status.FAILED
        emitter(RunEnded(now(), emitter.run_id, status, error=reason))
        if isinstance(error, RunInterrupted):
            raise RunInterrupted(str(error), help=_way_on(order, name)) from None
        if isinstance(error, OutputDirectoryError):  # another directory would not help this run
            error.help = f"free some space or mend what is wrong; then {_way_on(order, name)}"
        raise


def _way_on(order: Order, name: str) -> str:
    """The command that goes on with a run, for whoever types it here."""
    return f"`sprocket resume {name}{place(order.output_directory, order.config)}` goes on with it"


def place(output: Path, config: Config) -> str:
    """The option that names an output directory, where the configuration does not name it."""
    if absolute(output) == absolute(Path(config.run.output_dir)):
        return ""
    import shlex  # noqa: PLC0415 - hardly ever

    return f" -o {shlex.quote(str(output))}"


def left_at_once(order: Order, emitter: Emitter) -> RunInterrupted:
    """What is raised when nothing could be waited for any more, or nothing was there yet."""
    if not emitter.begun and order.resumed is None:
        return RunInterrupted("interrupted before the run began")
    return RunInterrupted(_LEFT, help=_way_on(order, emitter.run_name))


def leave(order: Order, emitter: Emitter, directory: RunDirectory, outputs: dict[str, Value]) -> Finished:
    """Leave the outputs of the target in the run directory, and links to them in the index if one is wanted."""
    data = {f"{order.target.name}.{name}": _json_output(name, value) for name, value in outputs.items()}
    _check_presence(directory, outputs)
    path = directory.path / "outputs.json"
    text = pretty_json(data)
    write_file(path, text, durable=True)
    if order.index_on is not None:
        _index(order.index_on, emitter, directory, outputs)
    return Finished(outputs, data, text, path)


def _check_presence(directory: RunDirectory, outputs: Mapping[str, Value]) -> None:
    """Whether what tasks of the run have made is still there."""
    inside = f"{directory.path}/"

    def check(path: File | Directory) -> Value:
        if path.startswith(inside) and not os.path.lexists(path):
            raise OutputDirectoryError(f"`{path}` is an output of the run, but was removed since")
        return path

    for value in outputs.values():
        map_paths(value, check)


def _index(name: str, emitter: Emitter, directory: RunDirectory, outputs: dict[str, Value]) -> None:
    """Make the index show the outputs; what stands in the way is a warning, for the run has succeeded."""
    from pysprocket.records.index import write_index  # noqa: PLC0415 - only for those who want one

    try:
        written = write_index(name, directory, outputs)
    except OutputDirectoryError as error:
        emitter(Notice(now(), str(error), warning=True))
        return
    emitter(Indexed(now(), emitter.run_id, written.links))
    for remark in written.remarks:
        emitter(Notice(now(), remark, warning=True))


def tidy(order: Order, emitter: Emitter, directory: RunDirectory, finished: Finished) -> None:
    """Remove what a run does not need any more that is recorded as completed, if that is wanted."""
    if order.config.run.cleanup == "none":
        return
    from pysprocket.engine.cleanup import clean_up  # noqa: PLC0415 - only for those who want it

    problems = clean_up(directory.path, finished.values.values())
    if problems:
        message = f"not all intermediate files could be removed: {some(problems)}"
        emitter(Notice(now(), message, warning=True))


def _json_output(name: str, value: Value) -> object:
    try:
        return to_json(value)
    except EvaluationError as error:
        raise EvaluationError(f"output `{name}`: {error}", help=f"give it as text, such as `String {name}`") from None


def _started(order: Order, run_id: str, name: str, backend: str, directory: RunDirectory) -> RunStarted | RunResumed:
    target = order.target
    kind = "task" if isinstance(target, TypedTask) else "workflow"
    if order.resumed is not None:
        return RunResumed(now(), run_id, name, target.name, kind, directory.relative, backend)
    return RunStarted(
        time=now(),
        run_id=run_id,
        name=name,
        source=target.document.source.uri,
        target=target.name,
        kind=kind,
        inputs={f"{target.name}.{name}": value for name, value in order.inputs.given.items()},
        directory=directory.relative,
        backend=backend,
        documents=order.documents,
        order=order.settings,
        index_directory=None if order.index_on is None else f"./index/{order.index_on}",
    )


def _reason(error: BaseException) -> str:
    if isinstance(error, SprocketError):
        return str(error)
    if is_interruption(error):
        return _LEFT
    return f"internal error: {type(error).__name__}: {error}"


def is_interruption(error: BaseException) -> bool:
    """Ctrl-C, a signal, or what asyncio makes of them: none is an `Exception`, as mistakes are."""
    return isinstance(error, RunInterrupted) or not isinstance(error, Exception)
