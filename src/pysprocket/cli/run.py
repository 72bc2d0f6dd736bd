"""`sprocket run`: run a task or workflow and print its outputs.

In: a document, inputs, options. Out: the outputs as JSON on the standard output; everything else on the standard
error.
"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from pysprocket.cli.documents import load_checked
from pysprocket.cli.options import State, global_options, inputs_argument, source_argument, strict_option, target_option
from pysprocket.errors import UsageError


@click.command("run", epilog="Example: sprocket run hello.wdl --target say_hello greeting=Hello")
@source_argument
@inputs_argument
@target_option
@click.option("-o", "--output-dir", type=click.Path(path_type=Path), metavar="DIR", help="Where to put runs [./out].")
@click.option("--suffix", metavar="TEXT", help="Put at the end of the name of the run directory.")
@click.option("-b", "--backend", metavar="NAME", help="A configured backend, or `local` or `docker`.")
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
    backend: str | None,
) -> None:
    """Run a task or workflow of the document SOURCE and print its outputs.

    INPUTS are `key=value`, further values for the key before, and files: `@inputs.json`, `@inputs.yaml`, also from
    https. What comes later replaces what came before. Without a target and without inputs the workflow is run, or the
    only task.
    """
    if suffix is not None and ("/" in suffix or not suffix):
        raise UsageError(f"`{suffix}` cannot be the end of a directory's name", help="give a word without `/`")
    config = state.config
    library = load_checked(source, state)

    from pysprocket.cli.given import fetcher, given_inputs  # noqa: PLC0415 - not needed for mistakes
    from pysprocket.config.backends import choose_backend  # noqa: PLC0415

    chosen, bound = given_inputs(inputs, target, library.root, state)

    from pysprocket.cli.execution import execute  # noqa: PLC0415
    from pysprocket.cli.orders import Order  # noqa: PLC0415
    from pysprocket.progress.plain import PlainProgress  # noqa: PLC0415

    place = choose_backend(config, backend)
    where = output_dir or Path(config.run.output_dir)
    order = Order(chosen, bound, place, config, where, suffix, fetcher(state))
    progress = PlainProgress(sys.stderr, color=state.use_color(), verbosity=state.verbosity)
    finished = execute(order, [progress])
    click.echo(finished.text)
