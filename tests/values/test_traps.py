r"""The traps of WDL, in which other engines were caught: each is a document in `cases/traps`, run on the local backend.

The number in the name of a case is that of the trap. Its `.json` says what is given (`inputs`, further `files`,
`arguments` of the command line) and what must come out: exactly these `outputs`, where a path is shown as the name
of what lies there, or an `error`, or also a `warning`, that has each of these words.

 1 six decimals in text, all digits in JSON       27 overrides of requirements have dots in their keys
 2 dedent counts a tab as one, before inserting   28 units: GB and GiB, numbers, `size`
 3 blank lines in commands have no indent         29 `container`: any, several, the old name
 4 terminators inside strings and commands        30 other return codes, `"*"`; outputs still count
 5 quotes in placeholders in quotes               31 stdout, stderr and written files are no results of `glob`
 6 backslashes: strings, patterns, commands       32 `glob`: order, links, hidden names, inside only
 7 POSIX expressions: longest, classes, `\1`, `$`   33 optional files keep their place as null
 8 a half is rounded up, for negatives too        34 paths are equal when they name the same
 9 division truncates; 64 bits, never more        35 relative paths: beside the document, beside the inputs
10 `**` by the table                              36 files exist when made; names of paths need no file
11 maps have an order, Objects none               37 equal basenames, blanks, quotes, index files
12 keys that are the same after coercion          38 line ends in `read_string` and `read_lines`
13 keys of map literals are expressions           39 empty arrays make empty files
14 structs of several documents, by shape         40 `read_json`: large Ints, nulls, structs
15 unset members are null in JSON                 41 `write_json`: no Pair, no other keys; paths of the task
16 None and defaults, also in a subworkflow       42 Pairs are coerced part by part
17 names of a branch that was not taken           43 None and `+`, in placeholders and outside
18 no `T??`                                       44 options of placeholders and names like them
19 arrays of nested scatters, in order            45 `env` with quotes, line ends, files
20 `else`: names of all branches are there        46 `&&`, `||` and `if` evaluate what they need
21 forward references, inputs that need calls     47 `contains_key` tells presence
22 dependencies that are easy to miss             48 enums: JSON, other enums, aliases
23 a task, a call and a name of one name          49 `task.previous`
24 namespaces, structs through several imports    50 nothing to run, empty commands
25 aliases in keys of inputs                      51 versions of overloads
26 bound inputs are not overridden                52 `version development`
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from pysprocket.cli.main import main


@pytest.mark.cases("traps/*.wdl")
def test_trap(case, tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    rule = json.loads(case.with_suffix(".json").read_text())
    shutil.copy(case, tmp_path / "source.wdl")
    for name, content in rule.get("files", {}).items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    (tmp_path / "inputs.json").write_text(json.dumps(rule.get("inputs", {})))
    given = ["@inputs.json"] if rule.get("inputs") else []
    status = main(["run", "source.wdl", *given, *rule.get("arguments", ()), "--backend", "local", "--color", "never"])
    told = capfd.readouterr()

    for word in [*rule.get("error", ()), *rule.get("warning", ())]:
        assert word in told.err
    assert "Traceback" not in told.err
    if "error" in rule:
        assert status != 0
        assert not told.out
        return
    assert status == 0, told.err
    assert json.dumps(_named(json.loads(told.out), tmp_path)) == json.dumps(rule["outputs"])


def _named(value: Any, root: Path) -> Any:
    """The same value with the names of what lies at paths below `root` instead of those."""
    if isinstance(value, dict):
        return {key: _named(item, root) for key, item in value.items()}
    if isinstance(value, list):
        return [_named(item, root) for item in value]
    if isinstance(value, str) and value.startswith(str(root)) and Path(value).exists():
        return Path(value).name
    return value


def test_each_trap_has_a_case():
    cases = Path(__file__).parents[1] / "cases" / "traps"
    assert {int(path.name.split("_")[1]) for path in cases.glob("*.wdl")} == set(range(1, 53))
