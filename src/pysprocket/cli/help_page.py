"""What `--help` shows of a command: what it does, its options, the options that all commands have, and examples.

In: a command with `examples`. Out: `HelpPage`, a click command, and `GlobalOption`. No line is wider than 80 columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

_MOST = 30  # columns of options beside which their texts begin


class GlobalOption(click.Option):
    """An option that all commands have."""


class HelpPage(click.Command):
    """A command whose help shows the options of all commands apart from its own, and ends with examples.

    Args:
        examples: lines as they are typed.
    """

    def __init__(self, *arguments: Any, examples: Sequence[str], **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.examples = tuple(examples)

    def get_help(self, ctx: click.Context) -> str:
        """The help, without the blanks that click leaves where a line is full."""
        return "\n".join(line.rstrip() for line in super().get_help(ctx).split("\n"))

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The options; how they are written comes from click, and what they mean is their text alone."""
        options = [each for each in self.get_params(ctx) if isinstance(each, click.Option) and not each.hidden]
        shared: set[click.Option] = {each for each in options if isinstance(each, GlobalOption)}
        if shared:
            shared |= {each for each in options if each.is_eager}  # the one that shows this
        width = min(_MOST, max((len(_spelled(each, ctx)) for each in options), default=0))
        for heading, rows in (
            ("Options", [each for each in options if each not in shared]),
            ("Options of all commands", [each for each in options if each in shared]),
        ):
            if rows:
                with formatter.section(heading):
                    formatter.write_dl([(f"{_spelled(each, ctx):{width}}", each.help or "") for each in rows])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The examples, each in a line that can be copied."""
        with formatter.section("Examples" if len(self.examples) > 1 else "Example"):
            formatter.write("".join(f"  {example}\n" for example in self.examples))


def _spelled(option: click.Option, context: click.Context) -> str:
    record = option.get_help_record(context)
    return record[0] if record else ""
