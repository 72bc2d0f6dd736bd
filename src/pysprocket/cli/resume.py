"""`sprocket resume`: go on with a run that was interrupted, or whose process died.

In: which run. Out: its outputs as JSON, as from `sprocket run`. The run has the documents and inputs it began with;
calls that ended well are not run again, jobs that still run are found again, the rest is started.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from pysprocket.cli.documents import fallback_version
from pysprocket.cli.errors import warn
from pysprocket.cli.help_page import HelpPage
from pysprocket.cli.options import (
    TEXT,
    State,
    completes,
    global_options,
    output_directory_option,
    progress_options,
)
from pysprocket.cli.runs import output_directory
from pysprocket.errors import ConfigError, DocumentError, SprocketError

if TYPE_CHECKING:
    from pysprocket.cli.orders import Finished
    from pysprocket.config.backends import ChosenBackend
    from pysprocket.config.loading import Loaded
    from pysprocket.engine.directory import RunDirectory
    from pysprocket.engine.events import Listener
    from pysprocket.plan.arguments import GivenInputs
    from pysprocket.plan.inputs import BoundInputs
    from pysprocket.records.history import History
    from pysprocket.records.model import RunRecord
    from pysprocket.types.typed import TypedDocument


@click.command(
    "resume",
    cls=HelpPage,
    examples=[
        "sprocket resume",
        "sprocket resume amber-otter-3fa2c1",
    ],
)
@click.argument("run", type=TEXT, required=False, shell_complete=completes("unfinished_runs"))
@output_directory_option
@progress_options
@global_options
@click.pass_obj
def command(state: State, run: str | None, output_dir: Path | None, progress: str, log_json: Path | None) -> None:
    """Go on with RUN: its name, the beginning of it, or its directory. Without it, the latest that is unfinished.

    A run that failed is gone on with when it is named: the calls that failed are tried again.
    """
    from pysprocket.cli.listeners import listeners  # noqa: PLC0415 - not for `--help`
    from pysprocket.engine.directory import RunDirectory  # noqa: PLC0415
    from pysprocket.engine.files import pretty_json  # noqa: PLC0415
    from pysprocket.records.database import DATABASE  # noqa: PLC0415
    from pysprocket.records.history import History  # noqa: PLC0415

    state.backend_named = True  # the run goes on where it began, whatever `run.backend` says now
    looking = _looking(state)
    output = output_directory(output_dir, looking, run)
    with History(output / DATABASE) as history:
        record = _which(history, run, looking)
    if not record.directory or not record.order:
        raise SprocketError(f"`{record.name}` was not run by this program, so it cannot go on with it")
    directory = RunDirectory(output, output / record.directory)
    if not directory.path.is_dir():
        raise SprocketError(f"the directory of `{record.name}` is gone: {directory.path}", help="run it anew")
    with directory.locked(), History(output / DATABASE) as history:  # as whoever held the lock left it
        record = history.find(record.uuid)
        if record.status == "completed":
            _warn(f"the run `{record.name}` is complete already", state)
            click.echo(pretty_json(record.outputs))
        else:
            with listeners(state, progress, output, log_json) as told:
                finished = _go_on(record, directory, history, state, told)
            click.echo(finished.text)


def _which(history: History, reference: str | None, state: State) -> RunRecord:
    if reference is not None:
        return history.find(reference)
    record = history.latest_unfinished()
    if record is not None:
        return record
    raise SprocketError("there is no unfinished run to go on with", help=_remedy(history, state))


def _remedy(history: History, state: State) -> str | None:
    """What the user may have meant who named no run."""
    from pysprocket.cli.orders import place  # noqa: PLC0415

    there = place(history.output, state.config)
    for run in history.runs(limit=20):
        if run.status == "failed":
            return f"`sprocket resume {run.name}{there}` tries again what failed in the last run"
        if run.status == "running":
            return f"`{run.name}` is under way; `sprocket runs show {run.name}{there}` tells how it stands"
    return None


def _go_on(
    record: RunRecord, directory: RunDirectory, history: History, state: State, told: Sequence[Listener]
) -> Finished:
    from pysprocket.cli.execution import execute  # noqa: PLC0415
    from pysprocket.cli.given import fetcher  # noqa: PLC0415
    from pysprocket.cli.orders import Order, Resumed  # noqa: PLC0415
    from pysprocket.plan.inputs import bind_inputs  # noqa: PLC0415
    from pysprocket.plan.targets import infer_target  # noqa: PLC0415

    settings = record.order
    given = {assignment.text.partition("=")[0].strip() for assignment in state.assignments}
    state = _configured(state, settings)
    _warn_of_what_holds(given, settings, state)
    documents = history.documents(record)
    inputs = _given(record)
    target = infer_target(_document(record, documents), record.target, inputs)
    bound = bind_inputs(target, inputs)
    _warn_of_changes(record, bound, directory, state)
    order = Order(
        target,
        bound,
        _backend(state.loaded, settings),
        state.config,
        directory.output,
        documents,
        fetch=fetcher(state),
        settings=settings,
        index_on=settings["index_on"],
        call_cache=settings["call_cache"],
        resumed=Resumed(record.uuid, record.name, directory, history.past(record)),
    )
    return execute(order, told)


def _looking(state: State) -> State:
    """Where a run is looked for; another `--set` may need those that the run began with, which are not known yet."""
    there = [each for each in state.assignments if each.text.startswith("run.output_dir")]
    return state if there == state.assignments else msgspec.structs.replace(state, assignments=there)


def _configured(state: State, settings: Mapping[str, Any]) -> State:
    """Configuration files are looked for where the run began; those of `--config` are read again, or others instead.

    Each `--set` holds again, below those that are given now.
    """
    from pysprocket.config.assignments import Assignment  # noqa: PLC0415 - not for `--help`

    _warn_of_secrets(state, settings.get("secret_assignments", ()))
    assignments = [Assignment(*each) for each in settings.get("assignments", ())] + state.assignments
    state = msgspec.structs.replace(state, assignments=assignments)
    began = Path(settings.get("config_directory", ""))  # earlier versions do not say
    if state.config_files:
        return msgspec.structs.replace(state, config_directory=began)
    files = [Path(file) for file in settings["config_files"]]
    search = settings["config_search"]
    return msgspec.structs.replace(state, config_files=files, config_search=search, config_directory=began)


def _warn_of_secrets(state: State, keys: Sequence[str]) -> None:
    """A secret of a `--set` is not recorded; it may be given again alone or with the table that it is in."""
    given = [assignment.text.partition("=")[0].strip() for assignment in state.assignments]
    for key in keys:
        if not any(f"{key}.".startswith(f"{each}.") for each in given):
            _warn(f"the run began with `--set {key}=…`, which holds a secret and is not kept: give it again", state)


def _warn_of_what_holds(given: Collection[str], settings: Mapping[str, Any], state: State) -> None:
    """What was settled when the run began stays so, whatever a `--set` says now."""
    held = {
        "run.backend": (settings["backend"], state.config.run.backend),
        "common.wdl.fallback_version": (settings["fallback_version"] or "none", fallback_version(state) or "none"),
    }
    for key, (holds, wanted) in held.items():
        if key in given and wanted != holds:
            _warn(f"`--set {key}=…` changes nothing: the run began with `{holds}` and goes on with it", state)


def _warn_of_changes(record: RunRecord, inputs: BoundInputs, directory: RunDirectory, state: State) -> None:
    """Calls that have ended keep what they made of inputs that were changed since; the others see the new content."""
    from pysprocket.values.model import paths_in  # noqa: PLC0415

    given = [path for value in (*inputs.values.values(), *inputs.nested.values()) for path in paths_in(value)]
    since = record.started or record.created
    for path in dict.fromkeys(given):
        if not path.startswith(f"{directory.path}/") and _changed(path) > since:
            _warn(f"the input `{path}` was changed since the run began: calls that have ended do not know of it", state)


def _warn(message: str, state: State) -> None:
    """As a run tells its warnings: also with `-q`, not with `-qq`."""
    if state.verbosity > -2:
        warn(message, state)


def _changed(path: str) -> float:
    try:
        return Path(path).stat().st_mtime
    except (OSError, ValueError):  # a URL
        return 0.0


def _document(record: RunRecord, texts: Mapping[str, str]) -> TypedDocument:
    """The document as it was when the run began, whatever has become of its file."""
    from pysprocket.source.uris import redacted  # noqa: PLC0415
    from pysprocket.types.loader import load  # noqa: PLC0415

    def fetch(uri: str) -> bytes:
        if redacted(uri) not in texts:
            raise FileNotFoundError(uri)
        return texts[redacted(uri)].encode()

    library = load(record.source, fetch, fallback_version=record.order["fallback_version"])
    if library.has_errors:
        raise DocumentError("this version of the program finds errors in the document of the run", library.diagnostics)
    return library.root


def _given(record: RunRecord) -> GivenInputs:
    """The inputs as they were recorded: all paths are absolute."""
    from pysprocket.plan.arguments import GivenInputs, GivenValue  # noqa: PLC0415

    return GivenInputs(record.target, {key: GivenValue(raw, Path("/")) for key, raw in record.inputs.items()})


def _backend(loaded: Loaded, settings: Mapping[str, Any]) -> ChosenBackend:
    """The backend that the run began on.

    Raises:
        ConfigError: the configuration does not have it any more.
    """
    from pysprocket.config.backends import choose_backend  # noqa: PLC0415

    try:
        chosen = choose_backend(loaded.config, settings["backend"])
    except ConfigError:
        raise _gone(loaded, settings["backend"], settings["backend_type"]) from None
    if chosen.type != settings["backend_type"]:
        raise ConfigError(
            f"the run began on a backend of type `{settings['backend_type']}`, "
            f"but `{chosen.name}` is of type `{chosen.type}` now",
            help="jobs cannot move from one to the other; give the configuration of then with `--config FILE`",
        )
    return chosen


def _gone(loaded: Loaded, name: str, type_: str) -> ConfigError:
    """What is told when nothing has the name that the backend of the run had."""
    from pysprocket.config.problems import dotted  # noqa: PLC0415 - only for this mistake

    alike = [other for other, entry in loaded.config.run.backends.items() if entry.type == type_]
    places = {other: loaded.origins(("run", "backends", other, "type")) for other in alike}
    now = ", ".join(f"`{other}` ({found[-1]})" if found else f"`{other}`" for other, found in places.items())
    files = [f"`{layer.name}`" for layer in loaded.layers if layer.is_file]
    where = files[-1] if files else "a file for `--config`"
    anew = f'write an entry `[{dotted(("run", "backends", name))}]` with `type = "{type_}"` in {where}'
    return ConfigError(
        f"the run began on the backend `{name}` of type `{type_}`, and the configuration has no entry of this name now",
        help=f"if it is {now} now, give that its name back; else {anew}" if now else anew,
    )
