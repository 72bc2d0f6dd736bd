"""Shell completion in real shells: TAB is pressed, and the line that comes of it is the shell's own."""

from __future__ import annotations

import os
import sysconfig
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.test_completions import DOCUMENT, OTHER
from tests.integration.shells import SHELLS, Terminal, program

pytestmark = pytest.mark.integration

SCRIPTS = sysconfig.get_path("scripts")
LOADED = {
    "bash": "source <(sprocket completions bash)",
    "zsh": "source <(sprocket completions zsh)",
    "fish": "sprocket completions fish | source",
}
Start = Callable[..., Terminal]


@pytest.fixture(scope="session", params=SHELLS)
def shell(request: pytest.FixtureRequest) -> tuple[str, str]:
    """The name and the program of a shell."""
    asked_for = "integration" in request.config.getoption("-m").replace("not integration", "")
    try:
        return request.param, program(request.param, install=asked_for)
    except LookupError as missing:
        pytest.skip(str(missing))


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Where the shell starts: documents, files with and without blanks."""
    place = tmp_path / "work"
    (place / "my data" / "deep").mkdir(parents=True)
    for name in ("a.fq", "b 1.fq", "in.json", "in.yaml", "my data/ref.fa", "it's.txt"):
        (place / name).touch()
    (place / "main.wdl").write_text(DOCUMENT)
    (place / "other.wdl").write_text(OTHER)
    return place


@pytest.fixture
def start(shell, directory, tmp_path, monkeypatch) -> Iterator[Start]:
    """Starts the shell with some commands, at most once."""
    monkeypatch.setenv("PATH", f"{SCRIPTS}:{os.environ['PATH']}")
    for name in ("SPROCKET_CONFIG", "SPROCKET_CONFIG_ROOT", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "ZDOTDIR"):
        monkeypatch.delenv(name, raising=False)
    home = tmp_path / "home"
    home.mkdir()
    (home / "ref.fa").touch()
    opened: list[Terminal] = []

    def begin(*commands: str) -> Terminal:
        opened.append(Terminal(*shell, directory, home, *commands))
        return opened[0]

    yield begin
    for terminal in opened:
        terminal.close()


@pytest.fixture
def terminal(start: Start, shell: tuple[str, str]) -> Terminal:
    """The shell with completion."""
    return start(LOADED[shell[0]])


def completed(terminal: Terminal, *pairs: tuple[str, str]) -> None:
    """Each text becomes the line beside it."""
    assert [(text, terminal.complete(text)) for text, _ in pairs] == list(pairs)


def test_commands_options_and_choices(terminal):
    completed(
        terminal,
        ("sprocket expl", "sprocket explain "),
        ("sprocket runs sh", "sprocket runs show "),
        ("sprocket run --targ", "sprocket run --target "),
        ("sprocket check --format j", "sprocket check --format json "),
        ("sprocket check --format=j", "sprocket check --format=json "),
        ("sprocket --set run.fai", "sprocket --set run.fail="),
        ("sprocket --set run.fail=f", "sprocket --set run.fail=fast "),
        ("sprocket run --set=run.fail=f", "sprocket run --set=run.fail=fast "),
        ("cd . && sprocket -v expl", "cd . && sprocket -v explain "),
        ("LC_ALL=C sprocket expl", "LC_ALL=C sprocket explain "),
        (f"{SCRIPTS}/sprocket expl", f"{SCRIPTS}/sprocket explain "),
        ("sprocket nonsense x", "sprocket nonsense x"),
    )


def test_documents_and_targets(terminal):
    completed(
        terminal,
        ("sprocket run ma", "sprocket run main.wdl "),
        ("sprocket run ./ma", "sprocket run ./main.wdl "),
        ("sprocket run ../work/ma", "sprocket run ../work/main.wdl "),
        ("sprocket inputs main.wdl -t s", "sprocket inputs main.wdl -t say "),
        ("sprocket run main.wdl --target=s", "sprocket run main.wdl --target=say "),
    )


def test_names_of_inputs_and_their_values(terminal):
    completed(
        terminal,
        ("sprocket run main.wdl -t say gre", "sprocket run main.wdl -t say greeting="),  # no blank
        ("sprocket run main.wdl main.ref", "sprocket run main.wdl main.reference="),
        ("sprocket run main.wdl main.say.lo", "sprocket run main.wdl main.say.loud="),
        ("sprocket run main.wdl -t say loud=t", "sprocket run main.wdl -t say loud=true "),
        ("sprocket run main.wdl -t say say.loud=f", "sprocket run main.wdl -t say say.loud=false "),
        ("sprocket run main.wdl main.say.color=B", "sprocket run main.wdl main.say.color=Blue "),
        ("sprocket run main.wdl -t say palette=Red B", "sprocket run main.wdl -t say palette=Red Blue "),
    )


def test_files_as_values(terminal):
    completed(
        terminal,
        ("sprocket run main.wdl main.reference=a", "sprocket run main.wdl main.reference=a.fq "),
        ("sprocket run main.wdl main.reference=my", "sprocket run main.wdl main.reference=my\\ data/"),
        ("sprocket run main.wdl main.reference=my\\ data/r", "sprocket run main.wdl main.reference=my\\ data/ref.fa "),
        (
            "sprocket run main.wdl 'main.reference=my data/r",
            "sprocket run main.wdl 'main.reference=my data/ref.fa' ",
        ),
        ("sprocket run main.wdl main.reference=it", "sprocket run main.wdl main.reference=it\\'s.txt "),
        ("sprocket run main.wdl main.reference=~/r", "sprocket run main.wdl main.reference=~/ref.fa "),
        ("sprocket run main.wdl -t say where=my", "sprocket run main.wdl -t say where=my\\ data/"),
        ("sprocket run main.wdl -t say reads=a.fq b", "sprocket run main.wdl -t say reads=a.fq b\\ 1.fq "),
        ("sprocket run main.wdl @in.j", "sprocket run main.wdl @in.json "),
        ("sprocket run main.wdl > in.j", "sprocket run main.wdl > in.json "),
        ("sprocket run -o my", "sprocket run -o my\\ data/"),
    )


def test_what_there_is_to_choose_from_is_shown_with_its_type(terminal, shell):
    line = terminal.complete("sprocket run main.wdl -t say ", tabs=2 if shell[0] == "bash" else 1)
    assert line == "sprocket run main.wdl -t say "
    assert all(f"{name}=" in terminal.shown for name in ("greeting", "reads", "loud", "color", "palette", "table"))
    if shell[0] != "bash":  # which has no descriptions
        assert "String, required: What is said" in terminal.shown
        assert "Array[File]+, required" in terminal.shown


def test_a_wrong_document_and_a_wrong_configuration_show_no_text(terminal, directory):
    (directory / "main.wdl").write_text(DOCUMENT.replace("command <<<", "nonsense <<<"))
    (directory / "sprocket.toml").write_text("run.fial = 1\n")
    completed(
        terminal,
        ("sprocket run main.wdl -t say gre", "sprocket run main.wdl -t say greeting="),
        ("sprocket run gone.wdl -t say gre", "sprocket run gone.wdl -t say gre"),
        ("sprocket runs show x", "sprocket runs show x"),
    )
    assert not any(word in terminal.shown.lower() for word in ("error", "warning", "traceback"))


def test_the_script_works_from_where_the_guide_puts_it(start, shell, tmp_path):
    home = tmp_path / "home"
    installed = {
        "bash": ["mkdir -p ~/there", "sprocket completions bash > ~/there/sprocket", "source ~/there/sprocket"],
        "zsh": [
            "mkdir -p ~/.zfunc",
            "sprocket completions zsh > ~/.zfunc/_sprocket",
            "fpath=(~/.zfunc $fpath); autoload -Uz compinit; compinit -u -D",
        ],
        "fish": [
            "mkdir -p ~/.config/fish/completions",
            "sprocket completions fish > ~/.config/fish/completions/sprocket.fish",
        ],
    }
    terminal = start(*installed[shell[0]])
    assert list(home.rglob("*sprocket*"))
    completed(terminal, ("sprocket expl", "sprocket explain "), ("sprocket run ma", "sprocket run main.wdl "))
