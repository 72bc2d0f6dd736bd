"""What all tests share: data cases, and the option that rewrites what they expect.

`@pytest.mark.cases("syntax/*.wdl")` runs a test once for each file of that pattern below `tests/cases`, as its
argument `case` (a path). The fixture `expected` compares a text with a file beside the case; `pytest --bless`
writes the file instead, to be read in the diff.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest

from pysprocket.source import revealed
from tests.processes import end_processes_of
from tests.web import Server

CASES = Path(__file__).parent / "cases"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--bless", action="store_true", help="rewrite the expected files of data cases")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "cases(pattern): run once for each matching file below tests/cases")


@pytest.fixture(autouse=True)
def nothing_revealed(monkeypatch: pytest.MonkeyPatch) -> None:
    """What one test reveals may be a common word in what another is told."""
    monkeypatch.setattr(revealed, "_forms", set())
    monkeypatch.setattr(revealed, "_pattern", None)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    marker = metafunc.definition.get_closest_marker("cases")
    if marker is None or "case" not in metafunc.fixturenames:
        return
    paths = sorted(CASES.glob(marker.args[0]))
    assert paths, f"no case matches {marker.args[0]}"
    metafunc.parametrize("case", paths, ids=[str(path.relative_to(CASES).with_suffix("")) for path in paths])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that fails leaves no task running that waits for what the test would have done."""
    report = yield
    directory = getattr(item, "funcargs", {}).get("tmp_path")
    if report.when == "call" and report.failed and directory is not None:
        end_processes_of(directory)
    return report


@pytest.fixture
def expected(request: pytest.FixtureRequest) -> Callable[[Path, str], None]:
    """Compare a text with a file; with `--bless`, write the file."""
    bless: bool = request.config.getoption("--bless")

    def compare(path: Path, text: str) -> None:
        if bless:
            path.write_text(text, encoding="utf-8", newline="")
            return
        assert path.exists(), f"{path.name} is missing; `pytest --bless` writes it"
        assert text == path.read_text(encoding="utf-8")

    return compare


@pytest.fixture
def server() -> Iterator[Server]:
    """A web server on this computer."""
    server = Server()
    yield server
    server.stop()
