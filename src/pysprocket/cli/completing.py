"""What a shell asks for when somebody presses TAB.

In: the instruction in `_SPROCKET_COMPLETE` (`bash_complete`, `bash_source` and so on) and the line up to the cursor in
`COMP_LINE`; without that, words as the scripts of click send them. Out: a line or three for each candidate on the
standard output, and nothing else, whatever is wrong with a document or a configuration.

What there is to choose from is in `candidates`. Here it becomes what each shell wants: fish takes whole words, bash the
part of a word after `=` or `:`, and zsh looks for files by itself.
"""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

from click.shell_completion import BashComplete, CompletionItem, FishComplete, ShellComplete, ZshComplete

from pysprocket.cli.candidates import files, paths
from pysprocket.cli.group import sprocket
from pysprocket.cli.main import silence_stdout
from pysprocket.cli.options import State

VARIABLE = "_SPROCKET_COMPLETE"
SHELLS = ("bash", "zsh", "fish")
_SPECIAL = frozenset(" \t\n!\"#$&'()*;<>?[\\]^`{|}")
_CURSOR = "\x00"
_SILENT = -1000


def complete(instruction: str) -> int:
    """Answer a shell; the exit status is 1 for an instruction that is none."""
    shell, _, wish = instruction.partition("_")
    kind = _KINDS.get(shell)
    if kind is None or wish not in ("source", "complete"):
        return 1
    answer = script(shell) if wish == "source" else _answer(kind)
    try:
        sys.stdout.buffer.write(os.fsencode(answer))
        sys.stdout.buffer.flush()
    except OSError:  # the shell does not wait for it any more
        silence_stdout()
    return 0


def script(shell: str) -> str:
    """What a shell is to read."""
    return Path(__file__).with_name("shells").joinpath(f"sprocket.{shell}").read_text(encoding="utf-8")


def _answer(kind: type[_Completion]) -> str:
    try:
        text = kind(sprocket, {"obj": State(verbosity=_SILENT)}, "sprocket", VARIABLE).complete()
    except Exception:  # whatever it is, a line that is being typed is no place to tell it
        return ""
    return f"{text}\n" if text else ""


def _split(line: str) -> tuple[list[str], str]:
    """The words of a line as a shell takes them, the last one unfinished, and the quote that is open at its end."""
    lexer = shlex.shlex(line + _CURSOR, posix=True)
    lexer.whitespace_split = True
    lexer.commenters = ""
    words: list[str] = []
    quote = ""
    try:
        words.extend(lexer)
    except ValueError:  # as it is where a quote is open
        words.append(lexer.token)
        quote = getattr(lexer, "state", "")
    return [*words[:-1], words[-1].removesuffix(_CURSOR)], quote


class _Completion(ShellComplete):
    """What the three shells have in common."""

    def get_completion_args(self) -> tuple[list[str], str]:
        """The finished words after the command's name, and the one under the cursor."""
        line = os.environ.get("COMP_LINE")
        if line is None:
            return super().get_completion_args()
        words, _ = _split(line)
        while len(words) > 1 and words[0].partition("=")[0].isidentifier() and "=" in words[0]:
            del words[0]  # a variable for this command alone
        return [os.path.expanduser(os.path.expandvars(word)) for word in words[1:-1]], words[-1]  # noqa: PTH111

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem[str]]:
        """The candidates for the whole word; in `--name=value` those of the value with the option in front."""
        args, into_file = _without_redirections(args)
        if into_file:
            return [files(incomplete)]
        option = ""
        if incomplete.startswith("--") and "=" in incomplete and "--" not in args:
            option = incomplete[: incomplete.index("=") + 1]
        elif args and "--" not in args and re.fullmatch(r"--[\w-]+|-\w", args[-1]):
            *args, last = args  # else click forgets all words where an option lacks its value
            incomplete = f"{last}={incomplete}"
        return [_behind(option, item) for item in super().get_completions(args, incomplete)]


def _without_redirections(words: list[str]) -> tuple[list[str], bool]:
    """The words that are arguments, and whether the next one would be the file of a redirection."""
    kept, into_file = [], False
    for word in words:
        redirection = re.fullmatch(r"\d*&?(?:>>|>\||>|<)(.*)", word)
        if redirection is None and not into_file:
            kept.append(word)
        into_file = redirection is not None and not redirection[1]
    return kept, into_file


def _behind(option: str, item: CompletionItem[str]) -> CompletionItem[str]:
    if not option:
        return item
    if item.type == "plain":
        return CompletionItem(option + item.value, help=item.help)
    return CompletionItem(item.value, item.type, head=option + (item.head or ""), globs=item.globs)


def _expanded(items: list[CompletionItem[str]]) -> Iterator[CompletionItem[str]]:
    """The files in place of each wish for files, whatever stands before them in the word included."""
    for item in items:
        if item.type == "plain":
            yield item
            continue
        for path in paths(item.value, item.globs or (), directories=item.type == "dir"):
            yield CompletionItem((item.head or "") + path, "path", head=item.head or "")


class _Bash(_Completion, BashComplete):
    """`COMP_REPLACED` is what bash will replace: the end of the word, without a quote that opens it."""

    def complete(self) -> str:
        """A line for each candidate: `path,…`, which bash quotes, or `plain,…`, which is quoted here."""
        args, incomplete = self.get_completion_args()
        asked = self.get_completions(args, incomplete)
        if any(item.type != "plain" and "$" in item.value for item in asked):
            return "default,"  # bash knows its variables
        kept, quote = _kept()
        items = [item for item in _expanded(asked) if item.value.startswith(kept)]
        if items and all(item.type == "path" and len(item.head) <= len(kept) for item in items):
            return "\n".join(f"path,{_unmarked(item.value[len(kept) :], is_whole=item.head == kept)}" for item in items)
        return "\n".join(f"plain,{_quoted(item.value[len(kept) :], quote)}" for item in items)


def _unmarked(path: str, *, is_whole: bool) -> str:
    """A path as bash wants it, which marks directories by itself where it sees the whole of it."""
    return path.rstrip("/") or path if is_whole else path


def _kept() -> tuple[str, str]:
    """The beginning of the word that bash leaves alone, and the quote that is open at the cursor."""
    line, replaced = os.environ.get("COMP_LINE"), os.environ.get("COMP_REPLACED")
    if line is None or replaced is None or not line.endswith(replaced):
        return "", ""
    before, _ = _split(line.removesuffix(replaced))
    return before[-1], _split(line)[1]


def _quoted(text: str, quote: str) -> str:
    """A text as it must stand on the line, inside of the quote that is open."""
    if quote == "'":
        return text.replace("'", "'\\''")
    special = '"$`\\' if quote else _SPECIAL
    return "".join(f"\\{character}" if character in special else character for character in text)


class _Zsh(_Completion, ZshComplete):
    """zsh looks for files by itself: it is told what stands before them in the word, and their pattern."""

    def format_completion(self, item: CompletionItem[str]) -> str:
        """Three lines: type, value and description; or `file` or `dir`, what comes before it, and patterns."""
        if item.type == "plain":
            value = item.value.replace("\\", "\\\\").replace(":", "\\:")
            return f"plain\n{value}\n{_one_line(item.help) or '_'}"
        return f"{item.type}\n{item.head or ''}\n{' '.join(item.globs or ()) or '_'}"


class _Fish(_Completion, FishComplete):
    """fish takes whole words and quotes them; a description follows after a tab."""

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem[str]]:
        """Candidates, files among them."""
        return list(_expanded(super().get_completions(args, incomplete)))

    def format_completion(self, item: CompletionItem[str]) -> str:
        """One line."""
        help_ = _one_line(item.help)
        return f"plain,{item.value}\t{help_}" if help_ else f"plain,{item.value}"


def _one_line(text: str | None) -> str:
    return " ".join(text.split()) if text else ""


_KINDS: dict[str, type[_Completion]] = {"bash": _Bash, "zsh": _Zsh, "fish": _Fish}
