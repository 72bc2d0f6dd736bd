"""Conformance runs by hand: `python -m tests.conformance DIR [--backend local] [--jobs 2] [--version 1.2]`.

In: a directory with suites (see `suites`). Out: a line for each case that deviates, a table by suite, and exit status
1 when a case deviates that is not excused.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from tests.conformance.commands import Order, Outcome, import_program, run_all
from tests.conformance.excuses import Excuse, load_excuses
from tests.conformance.judge import deviation
from tests.conformance.suites import Case, Suite, load_suites

_COLUMNS = ("suite", "cases", "as expected", "deviating", "excused", "seconds")

_ASKS = re.compile(r"^\s*(?:container|docker|disks|cpu|memory)\s*:", re.MULTILINE)
"""What a document that needs more than a shell says in `requirements` or `runtime`."""


class Tally(msgspec.Struct):
    """What came of the cases of a suite."""

    cases: int = 0
    expected: int = 0
    deviating: int = 0
    excused: int = 0
    seconds: float = 0.0


def main(words: Sequence[str]) -> int:
    """Run what the command line asks for."""
    options = _parser().parse_args(words)
    try:
        suites = load_suites(options.directory, options.version)
        excuses = load_excuses()
    except (LookupError, OSError, msgspec.DecodeError) as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    os.environ["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"  # commands of cases call `python`
    if options.program is None:
        import_program(options.backend)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that nothing is left behind
    scratch = Path(tempfile.mkdtemp(prefix="conformance-"))
    try:
        tallies = [_run_suite(suite, options, excuses, scratch) for suite in suites]
    finally:
        if options.keep:
            print(f"everything is kept in {scratch}")
        else:
            shutil.rmtree(scratch, ignore_errors=True)
    _print_table([suite.name for suite in suites], tallies)
    return 1 if any(tally.deviating for tally in tallies) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.conformance", description="Run conformance cases.")
    parser.add_argument("directory", type=Path, help="a suite (cases.json, documents/), or a directory of suites")
    parser.add_argument("-b", "--backend", default="local", help="where the tasks run [local]")
    parser.add_argument("-j", "--jobs", type=int, default=os.cpu_count() or 1, help="runs at a time [processors]")
    parser.add_argument("--version", help="only the suites of this version of WDL, such as 1.2")
    parser.add_argument("--only", action="append", metavar="NAME", help="only the case of this name; may be repeated")
    parser.add_argument("--containers", action="store_true", help="only cases that ask for a container or resources")
    parser.add_argument("--limit", type=float, default=120, metavar="SECONDS", help="longest time of a case [120]")
    parser.add_argument(
        "--program", type=_program, metavar="PATH", help="start this program for each case instead of a fork"
    )
    parser.add_argument("--keep", action="store_true", help="keep what the runs wrote")
    parser.add_argument("-v", "--verbose", action="store_true", help="tell every case, and all that deviating ones say")
    return parser


def _program(path: str) -> str:
    """A path for any working directory; a bare name is looked for on `PATH`."""
    return str(Path(path).absolute()) if "/" in path else path


def _run_suite(suite: Suite, options: argparse.Namespace, excuses: Sequence[Excuse], scratch: Path) -> Tally:
    place = scratch / suite.name / "documents"
    shutil.copytree(suite.documents, place)
    _make_writable(place)
    cases = _chosen(suite, options)
    orders = [_order(case, number, place, options.backend) for number, case in enumerate(cases)]
    tally = Tally(len(cases))
    excused = {
        case.name: excuse
        for case in cases
        for excuse in excuses
        if excuse.covers(suite.name, case.name, options.backend)
    }
    ended = run_all(orders, jobs=options.jobs, limit=options.limit, program=options.program)
    for number, outcome in ended:
        case = cases[number]
        problem = deviation(case, outcome, place)
        _count(tally, problem, outcome, excused=case.name in excused)
        for line in _lines(suite.name, case, outcome, problem, excused.get(case.name), verbose=options.verbose):
            print(line, flush=True)
    return tally


def _chosen(suite: Suite, options: argparse.Namespace) -> list[Case]:
    cases = [case for case in suite.cases if not options.only or case.name in options.only]
    if options.containers:
        texts = {case.name: (suite.documents / case.document).read_text() for case in cases}
        cases = [case for case in cases if _ASKS.search(texts[case.name])]
    return cases


def _make_writable(place: Path) -> None:
    """The copy is ours, whatever the rights of the original are."""
    for folder, _, files in os.walk(place):
        Path(folder).chmod(0o755)
        for name in files:
            path = Path(folder, name)
            path.chmod(path.stat().st_mode | 0o200)


def _order(case: Case, number: int, place: Path, backend: str) -> Order:
    """The inputs lie in the working directory: both meanings of a relative path are the same there."""
    folder = place.parent / "runs" / str(number)
    arguments = ["-s", "run", case.document, "--backend", backend, "--output-dir", str(folder / "out")]
    if case.target is not None:
        arguments += ["--target", case.target]
    if case.inputs:
        inputs = place / f".inputs-{number}.json"
        inputs.write_bytes(msgspec.json.encode(case.inputs))
        arguments.append(f"@{inputs.name}")
    return Order((*arguments, *case.arguments), place, folder)


def _count(tally: Tally, problem: str | None, outcome: Outcome, *, excused: bool) -> None:
    tally.seconds += outcome.seconds
    if problem is None:
        tally.expected += 1
    elif excused:
        tally.excused += 1
    else:
        tally.deviating += 1


def _lines(
    suite: str, case: Case, outcome: Outcome, problem: str | None, excuse: Excuse | None, *, verbose: bool
) -> Iterator[str]:
    if problem is not None and excuse is None:
        yield f"DEVIATES  {suite}  {case.name}: {problem}"
        if verbose:
            yield from (f"    {line}" for line in (outcome.stdout + outcome.stderr).splitlines())
    elif problem is not None and excuse is not None:
        yield f"excused   {suite}  {case.name}: {excuse.reason} ({problem})"
    elif excuse is not None:
        yield f"NO EXCUSE NEEDED  {suite}  {case.name}: remove it from excused.toml"
    elif verbose:
        yield f"ok        {suite}  {case.name} ({outcome.seconds:.1f} s)"


def _print_table(names: Sequence[str], tallies: Sequence[Tally]) -> None:
    rows = [
        (name, tally.cases, tally.expected, tally.deviating, tally.excused, f"{tally.seconds:.0f}")
        for name, tally in zip(names, tallies, strict=True)
    ]
    widths = [max(len(str(row[column])) for row in [_COLUMNS, *rows]) for column in range(len(_COLUMNS))]
    for row in [_COLUMNS, *rows]:
        first, *others = (str(cell) for cell in row)
        print("  ".join([first.ljust(widths[0]), *map(str.rjust, others, widths[1:])]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
