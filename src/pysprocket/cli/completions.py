"""`sprocket completions`: the script that makes a shell complete this command.

In: the name of a shell. Out: its script on the standard output.
"""

from __future__ import annotations

import click

from pysprocket.cli.completing import SHELLS, script
from pysprocket.cli.help_page import HelpPage
from pysprocket.cli.options import global_options


@click.command(
    "completions",
    cls=HelpPage,
    examples=["sprocket completions fish > ~/.config/fish/completions/sprocket.fish"],
)
@click.argument("shell", type=click.Choice(SHELLS))
@global_options
def command(shell: str) -> None:
    """Print the script that makes bash, zsh or fish complete commands, targets and inputs.

    \b
    For new shells, write it to a file that they look for:
      bash  ~/.local/share/bash-completion/completions/sprocket
      zsh   _sprocket in a directory of $fpath, before `compinit` in ~/.zshrc
      fish  ~/.config/fish/completions/sprocket.fish

    \b
    For the shell that is running:
      bash  source <(sprocket completions bash)
      zsh   source <(sprocket completions zsh), after `compinit`
      fish  sprocket completions fish | source
    """  # noqa: D301 - click keeps the lines of a paragraph that begins so
    click.echo(script(shell), nl=False)
