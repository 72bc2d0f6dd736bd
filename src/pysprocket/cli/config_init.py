"""`sprocket config init`: a file to begin with.

In: where to write it. Out: what `sprocket config default` prints, on the standard output or in that file. It
has the usual mode: there is nothing secret in it yet.
"""

from __future__ import annotations

from pathlib import Path

import click

from pysprocket.cli.config_default import default_text
from pysprocket.cli.help_page import HelpPage
from pysprocket.cli.options import FILE, State, global_options
from pysprocket.cli.writing import is_passed_on, write
from pysprocket.errors import SprocketError, UsageError
from pysprocket.source.visible import visible


@click.command(
    "init",
    cls=HelpPage,
    examples=["sprocket config init > sprocket.toml", "sprocket config init --output ~/.config/sprocket/sprocket.toml"],
)
@click.option("-o", "--output", type=FILE, metavar="FILE", help="Write this file, which must not exist yet.")
@click.option("--force", is_flag=True, help="Replace the file of --output.")
@global_options
@click.pass_obj
def command(state: State, output: Path | None, *, force: bool) -> None:
    """Print a commented file of all settings with their defaults, or write it; no configuration is read.

    A file needs only the settings that it changes. Each that it sets, be it to the default, wins over files that are
    read before it, such as one for everybody beside the executable: remove what you do not mean.
    """
    if output is None and force:
        raise UsageError("`--force` replaces the file of `--output`, and there is none")
    text = default_text(state)
    if output is None:
        click.echo(text, nl=False)
    else:
        _write(output, text, force=force)
        if state.verbosity >= 0 and not is_passed_on(output):
            click.echo(f"wrote {visible(str(output))}", err=True)


def _write(file: Path, text: str, *, force: bool) -> None:
    if file.is_file() and not force and not is_passed_on(file):
        raise UsageError(f"`{file}` exists already", help="give `--force` to replace it")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SprocketError(f"`{file}` cannot be written: {error.strerror}") from None
    write(file, text)
