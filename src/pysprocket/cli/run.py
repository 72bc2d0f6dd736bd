"""`sprocket run`: run a task or workflow and print its outputs.

In: a document, inputs, options. Out: the outputs as JSON on the standard output; everything else on the standard
error.
"""

from __future__ import annotations

from pathlib import Path

import click

from pysprocket.cli.documents import fallback_version, load_checked
from pysprocket.cli.help_page import HelpPage
from pysprocket.cli.options import (
    TEXT,
    State,
    backend_option,
    global_options,
    inputs_argument,
    output_directory_option,
    progress_options,
    source_argument,
    strict_option,
    target_option,
)
from pysprocket.engine.output_names import check_index_name, check_suffix
from pysprocket.errors import UsageError


@click.command(
    "run",
    cls=HelpPage,
    examples=[
        "sprocket run hello.wdl --target say_hello greeting=Hello",
        "sprocket run main.wdl @inputs.json main.threads=8 --backend docker",
        "sprocket run main.wdl @inputs.json --dry-run",
    ],
)
@source_argument
@inputs_argument
@target_option
@output_directory_option
@click.option("--suffix", type=TEXT, metavar="TEXT", help="Put at the end of the name of the run directory.")
@click.option("--index-on", type=TEXT, metavar="NAME", help="Link the outputs in index/NAME of the output directory.")
@backend_option("A configured backend, or `local` or `docker`.")
@click.option("--no-call-cache", is_flag=True, help="Run every task, whatever the call cache has.")
@click.option("--dry-run", is_flag=True, help="Show what would run, and start nothing.")
@click.option("--json", "as_json", is_flag=True, help="Show what --dry-run finds as JSON.")
@progress_options
@strict_option
@global_options
@click.pass_obj
def command(
    state: State,
    source: str,
    inputs: tuple[str, ...],
    target: str | None,
    output_dir: Path | None,
    suffix: str | None,
    index_on: str | None,
    backend: str | None,
    no_call_cache: bool,  # noqa: FBT001 - an option
    dry_run: bool,  # noqa: FBT001 - an option
    as_json: bool,  # noqa: FBT001 - an option
    progress: str,
    log_json: Path | None,
) -> None:
    """Run a task or workflow of the document SOURCE and print its outputs.

    INPUTS are `key=value`, further values for the key before, and files: `@inputs.json`, `@inputs.yaml`, also from
    https. What comes later replaces what came before. Without a target and without inputs the workflow is run, or the
    only task.
    """
    if as_json and not dry_run:
        raise UsageError("`--json` is for `--dry-run`", help="the outputs of a run are JSON anyway")
    suffix = None if suffix is None else check_suffix(suffix)
    index_on = None if index_on is None else check_index_name(index_on)
    config = state.config
    library = load_checked(source, state)

    from pysprocket.cli.given import fetcher, given_inputs  # noqa: PLC0415 - not needed for mistakes
    from pysprocket.config.backends import choose_backend  # noqa: PLC0415

    chosen, bound = given_inputs(inputs, target, library.root, state)

    from pysprocket.cli.execution import execute  # noqa: PLC0415
    from pysprocket.cli.listeners import listeners  # noqa: PLC0415
    from pysprocket.cli.orders import Order  # noqa: PLC0415

    place = choose_backend(config, backend, state.loaded)
    order = Order(
        target=chosen,
        inputs=bound,
        backend=place,
        config=config,
        output_directory=output_dir or Path(config.run.output_dir),
        documents={uri: document.source.text for uri, document in library.documents.items()},
        suffix=suffix,
        fetch=fetcher(state),
        settings={
            "backend": place.name,
            "backend_type": place.type,
            "fallback_version": fallback_version(state),
            "config_files": [str(path.absolute()) for path in state.config_files],
            "config_search": state.config_search,
            "config_directory": str(Path.cwd()),
            **state.recorded_assignments(),
            "index_on": index_on,
            "call_cache": not no_call_cache,
        },
        index_on=index_on,
        call_cache=not no_call_cache,
    )
    if dry_run:
        from pysprocket.cli.dry_run import preview  # noqa: PLC0415
        from pysprocket.cli.planned import show  # noqa: PLC0415

        show(preview(order), state, as_json=as_json)
        return
    with listeners(state, progress, order.output_directory, log_json) as told:
        finished = execute(order, told)
    click.echo(finished.text)
