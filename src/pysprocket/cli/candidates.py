"""What there is to choose from where a word of the command line is being typed.

In: a click context with the words before, and the beginning of the word under the cursor. Out: candidates with short
descriptions, or a wish for files, which `completing` fulfils in the way of the shell. The functions up to `codes` are
named by options and arguments (`options.completes`). Nothing is fetched, started or told; what cannot be read has no
candidates.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from pysprocket.cli.options import State
from pysprocket.errors import SprocketError

if TYPE_CHECKING:
    from pysprocket.config.settings import Config

Candidates = list[CompletionItem[str]]

_DOCUMENTS = ("*.wdl",)
_SETTINGS_FILES = ("*.toml",)
_INPUTS_FILES = ("*.json", "*.yaml", "*.yml")


def documents(_: click.Context, __: click.Parameter, incomplete: str) -> Candidates:
    """WDL documents, and the directories on the way to them."""
    return [files(incomplete, _DOCUMENTS)]


def directories(_: click.Context, __: click.Parameter, incomplete: str) -> Candidates:
    """Directories."""
    return [CompletionItem(incomplete, "dir")]


def settings_files(_: click.Context, __: click.Parameter, incomplete: str) -> Candidates:
    """Configuration files."""
    return [files(incomplete, _SETTINGS_FILES)]


def targets(context: click.Context, _: click.Parameter, incomplete: str) -> Candidates:
    """Tasks and workflows of the document."""
    from pysprocket.cli.input_candidates import target_candidates  # noqa: PLC0415 - it imports all that reads documents

    return target_candidates(context, incomplete)


def inputs(context: click.Context, _: click.Parameter, incomplete: str) -> Candidates:
    """Names of inputs and their values, and files of inputs."""
    if incomplete.startswith("@"):
        return [files(incomplete[1:], _INPUTS_FILES, head="@")]
    from pysprocket.cli.input_candidates import input_candidates  # noqa: PLC0415

    return input_candidates(context, incomplete)


def backends(context: click.Context, _: click.Parameter, incomplete: str) -> Candidates:
    """Entries of the configuration, and types of backends that need no settings."""
    from pysprocket.config.backend_settings import SETTINGS  # noqa: PLC0415
    from pysprocket.config.backends import NOT_YET  # noqa: PLC0415
    from pysprocket.config.fields import required  # noqa: PLC0415

    known = {name: f"of type {entry.type}" for name, entry in _config(context).run.backends.items()}
    for kind, struct in SETTINGS.items():
        if kind not in NOT_YET and not required(struct):
            known.setdefault(kind, "with its default settings")
    return _beginning(incomplete, known.items())


def settings(context: click.Context, _: click.Parameter, incomplete: str) -> Candidates:
    """Keys of the configuration, and after `=` the words that one allows."""
    from pysprocket.cli.setting_candidates import setting_candidates  # noqa: PLC0415

    return setting_candidates(incomplete, {name: entry.type for name, entry in _config(context).run.backends.items()})


def runs(context: click.Context, _: click.Parameter, incomplete: str) -> Candidates:
    """Runs of the output directory by name, the newest first; directories for a path."""
    return _runs(context, incomplete, unfinished=False)


def unfinished_runs(context: click.Context, _: click.Parameter, incomplete: str) -> Candidates:
    """Runs that can be gone on with: they failed, were interrupted, or their process died."""
    return _runs(context, incomplete, unfinished=True)


def codes(_: click.Context, __: click.Parameter, incomplete: str) -> Candidates:
    """Codes of diagnostics, however they are capitalised."""
    from pysprocket.source.codes import CODES  # noqa: PLC0415

    near = incomplete.lower()
    return [CompletionItem(code) for code in CODES if code.lower().startswith(near)]


# --- what these have in common ---------------------------------------------------------------------------


def files(typed: str, globs: tuple[str, ...] = (), head: str = "") -> CompletionItem[str]:
    """A wish for files of some patterns; `head` is what stands before the path in the word."""
    return CompletionItem(typed, "file", globs=globs, head=head)


def paths(typed: str, globs: Iterable[str], *, directories: bool) -> Iterator[str]:
    """The paths that begin as typed, those of directories with a slash at the end, in order of their names."""
    folder = typed[: typed.rfind("/") + 1]
    name = typed[len(folder) :]
    try:
        entries = sorted(os.scandir(os.path.expanduser(folder) or "."), key=lambda entry: entry.name)  # noqa: PTH111
    except (OSError, ValueError):
        return
    for entry in entries:
        if not entry.name.startswith(name) or entry.name[0] == "." != name[:1] or "\n" in entry.name:
            continue
        if os.path.isdir(entry.path):  # noqa: PTH112 - never raises
            yield f"{folder}{entry.name}/"
        elif not directories and (not globs or any(fnmatchcase(entry.name, glob) for glob in globs)):
            yield folder + entry.name


def _beginning(incomplete: str, known: Iterable[tuple[str, str]]) -> Candidates:
    return [CompletionItem(name, help=help_) for name, help_ in known if name.startswith(incomplete)]


def _config(context: click.Context) -> Config:
    """The settings; the defaults where files are wrong, which a command would tell."""
    try:
        return context.ensure_object(State).config
    except SprocketError:
        from pysprocket.config.settings import Config  # noqa: PLC0415

        return Config()


def _runs(context: click.Context, incomplete: str, *, unfinished: bool) -> Candidates:
    if "/" in incomplete or incomplete in (".", ".."):
        return [CompletionItem(incomplete, "dir")]
    from pysprocket.records.database import DATABASE  # noqa: PLC0415 - sqlite
    from pysprocket.records.names import run_names  # noqa: PLC0415

    named: Any = context.params.get("output_dir")
    output = Path(named or _config(context).run.output_dir)
    return _beginning(
        incomplete,
        ((run.name, f"{run.status}: {run.target}") for run in run_names(output / DATABASE, unfinished=unfinished)),
    )
