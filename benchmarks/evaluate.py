"""What the evaluation of WDL expressions costs, beside the same expressions written in Python.

In: nothing; documents are generated. Out: a table of microseconds per evaluation for typical expressions, each beside
plain Python that looks its names up in a dict and checks nothing; what compiling one expression costs; and the time
of a scatter over `--items` items whose body is a handful of declarations, statement by statement and as one function.

    python -m benchmarks.evaluate --items 10000
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pysprocket.syntax import nodes
from pysprocket.types.loader import load
from pysprocket.types.typed import TypedDocument, TypedWorkflow
from pysprocket.values.compile import compile_block, compile_expression, evaluate
from pysprocket.values.context import Context
from pysprocket.values.scope import Scope

Python = Callable[[Mapping[str, Any]], Any]

EXPRESSIONS: list[tuple[str, str, Python]] = [
    ("Int", "n + 1", lambda s: s["n"] + 1),
    ("Int", "(n * 2 + 3) / 4 % 5", lambda s: (s["n"] * 2 + 3) // 4 % 5),
    ("Float", "x * 2.5 + n", lambda s: s["x"] * 2.5 + s["n"]),
    ("String", '"sample_~{name}_~{n}.bam"', lambda s: f"sample_{s['name']}_{s['n']}.bam"),
    ("String", 'name + ".bam"', lambda s: s["name"] + ".bam"),
    ("String", '"~{x} ~{flag}"', lambda s: f"{s['x']:.6f} {'true' if s['flag'] else 'false'}"),
    ("Boolean", 'flag && n > 3 || name == "a"', lambda s: (s["flag"] and s["n"] > 3) or s["name"] == "a"),
    ("String", 'if n > 3 then name else "none"', lambda s: s["name"] if s["n"] > 3 else "none"),
    ("Int", "numbers[2]", lambda s: s["numbers"][2]),
    ("Int", 'table["b"]', lambda s: s["table"]["b"]),
    ("String", "person.name", lambda s: s["person"]["name"]),
    ("Int", "select_first([none, n])", lambda s: next(i for i in [s["none"], s["n"]] if i is not None)),
    ("String", 'basename(name, ".txt")', lambda s: s["name"].rpartition("/")[2].removesuffix(".txt")),
    ("String", 'sub(name, "a+", "b")', lambda s: s["name"].replace("a", "b")),
    ("Array[Int]", "range(10)", lambda s: list(range(10))),
]

VALUES: dict[str, tuple[str, Any]] = {
    "n": ("Int", 7),
    "x": ("Float", 1.5),
    "name": ("String", "/data/a.txt"),
    "flag": ("Boolean", True),
    "none": ("Int?", None),
    "numbers": ("Array[Int]", list(range(5))),
    "table": ("Map[String, Int]", {"a": 1, "b": 2}),
    "person": ("Person", {"name": "x"}),
}

SCATTER = """
  scatter (i in range(items)) {
    Int square = i * i
    Int bounded = if square > 1000000 then 1000000 else square
    Float share = bounded / 2.0
    String label = "item_~{i}_~{bounded}"
    Boolean even = i % 2 == 0
  }
"""


def workflow(text: str) -> TypedWorkflow:
    """The workflow of a document."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "benchmark.wdl"
        path.write_text(f"version 1.2\nstruct Person {{ String name }}\nworkflow w {{ {text} }}\n")
        library = load(str(path))
    assert not library.has_errors, [finding.message for finding in library.diagnostics]
    assert library.root.workflow is not None
    return library.root.workflow


def microseconds(function: Callable[..., Any], *arguments: Any) -> float:
    """The time of one call: the best of five rounds of 20,000."""
    best = float("inf")
    for _ in range(5):
        start = time.perf_counter()
        for _ in range(20_000):
            function(*arguments)
        best = min(best, time.perf_counter() - start)
    return best / 20_000 * 1e6


def seconds(function: Callable[..., Any], *arguments: Any) -> float:
    """The time of one call, the best of three."""
    times = []
    for _ in range(3):
        start = time.perf_counter()
        function(*arguments)
        times.append(time.perf_counter() - start)
    return min(times)


def show_expressions(context: Context) -> None:
    """The table of expressions."""
    inputs = "\n".join(f"{type_} {name}" for name, (type_, _) in VALUES.items())
    declared = "\n".join(f"{type_} y{place} = {text}" for place, (type_, text, _) in enumerate(EXPRESSIONS))
    checked = workflow(f"input {{ {inputs} }} output {{ {declared} }}")
    assert checked.node.outputs is not None
    scope = Scope(Scope())
    scope.update({name: value for name, (_, value) in VALUES.items()})
    plain = dict(scope)
    start = time.perf_counter()
    functions = [compile_one(checked.document, each) for each in checked.node.outputs.declarations]
    compiling = (time.perf_counter() - start) / len(functions)
    print(f"{'expression':34} {'WDL us':>8} {'Python us':>10} {'ratio':>6}")
    for (_, text, python), function in zip(EXPRESSIONS, functions, strict=True):
        mine, theirs = microseconds(evaluate, function, scope, context), microseconds(python, plain)
        print(f"{text:34} {mine:8.3f} {theirs:10.3f} {mine / theirs:6.1f}")
    print(f"compiling one expression: {compiling * 1e6:.0f} us")


def compile_one(document: TypedDocument, declaration: nodes.Declaration) -> Any:
    """The function of a declaration."""
    assert declaration.expression is not None
    return compile_expression(document, declaration.expression, document.declared[declaration])


def show_scatter(items: int, context: Context) -> None:
    """The scatter, both ways."""
    checked = workflow(f"input {{ Int items }} {SCATTER}")
    scatter = checked.node.body[0]
    assert isinstance(scatter, nodes.Scatter)
    body = [each for each in scatter.body if isinstance(each, nodes.Declaration)]
    steps = [(each.name.name, compile_one(checked.document, each)) for each in body]
    outer = Scope()
    outer["items"] = items

    def step_by_step() -> list[Scope]:
        scopes = []
        for item in range(items):
            scope = Scope(outer)
            scope["i"] = item
            for name, function in steps:
                scope[name] = evaluate(function, scope, context)
            scopes.append(scope)
        return scopes

    block = compile_block(checked, scatter)
    print(f"scatter of {items} items and {len(steps)} declarations:")
    print(f"  one evaluation each   {seconds(step_by_step) * 1e3:8.1f} ms")
    print(f"  as one function       {seconds(evaluate, block, outer, context) * 1e3:8.1f} ms")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="What the evaluation of WDL expressions costs.")
    parser.add_argument("--items", type=int, default=10_000, help="items of the scatter")
    arguments = parser.parse_args()
    context: Any = None  # these expressions ask nothing of the world
    show_expressions(context)
    show_scatter(arguments.items, context)


if __name__ == "__main__":
    main()
