"""`sprocket completions`: the script that makes a shell complete this command.

In: the name of a shell. Out: its script on the standard output.
"""

from __future__ import annotations

import click

from pysprocket.cli.completing import SHELLS, script
from pysprocket.cli.options import global_options


@click.command(
    "completions",
    short_help="Print what makes a shell complete commands on TAB.",
    epilog="Example: sprocket completions fish > ~/.config/fish/completions/sprocket.fish",
)
@click.argument("shell", type=click.Choice(SHELLS))
@global_options
def command(shell: str) -> None:
    r"""Print the script that makes bash, zsh or fish complete commands, targets and inputs.

    \b
    To install it, for new shells:
      bash   mkdir -p ~/.local/share/bash-completion/completions
             sprocket completions bash \
               > ~/.local/share/bash-completion/completions/sprocket
      zsh    sprocket completions zsh > DIRECTORY/_sprocket
             with a DIRECTORY of $fpath, before `compinit` in ~/.zshrc
      fish   sprocket completions fish \
               > ~/.config/fish/completions/sprocket.fish

    For the running shell: source <(sprocket completions bash), the same for
    zsh after `compinit`; in fish: sprocket completions fish | source
    """
    click.echo(script(shell), nl=False)
