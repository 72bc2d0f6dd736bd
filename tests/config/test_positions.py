"""Where keys and values of a TOML text are."""

from __future__ import annotations

import json
from typing import Any

import pytest
import tomli
from hypothesis import given, settings
from hypothesis import strategies as st

from pysprocket.config.positions import comments, key_at, positions
from pysprocket.config.problems import Keys

EVERYTHING = """\
# = [not.a.table]
plain = 1 # = 2
  'quo.ted' . "k\\u0065y" = "a = # \\" ]"
dotted.key.of.three=true
[ table . "with space" ]
basic = \"\"\"
[no.table]
x = "\\\\\"\"\"
literal = '''it's ''two'' = 1'''
ends = \"\"\"four\"\"\"\"
date = 1979-05-27 07:32:00Z  # a blank in a value
empty = {}
none = []
inline = { a = 1, "b c" = { d = [ 1, { e = "f" } ] } , g.h = 2 }
array = [
  "x", # first
  [ 2, 3 ],

  { y = 'z' }, ]
lines = { # a table of several lines
  a = "\\e\\x41", b . c = { d = [ { e = 1, }, # }
  ], }, "f" = 07:32 , # the end
  'g' = 1979-05-27 07:32Z
  , h = {
  }, }
[[tables]]
n = 1
[tables.sub]
s = "in the first"
[[tables]]
n = 2
[[tables.inner]]
deep = 1
[[tables.inner]]
deep = 2
"""


def leaves(data: Any, keys: Keys = ()) -> list[tuple[Keys, Any]]:
    """Everything below a table: tables and arrays, and what is in them."""
    if isinstance(data, dict):
        below = [((*keys, key), value) for key, value in data.items()]
    else:
        below = [((*keys, place), value) for place, value in enumerate(data)]
    return [
        found
        for path, value in below
        for found in [(path, value), *(leaves(value, path) if isinstance(value, dict | list) else [])]
    ]


def check(text: str) -> None:
    """Every key is found, its name stands where it is said to be, and so does its value."""
    spots = positions(text)
    found = leaves(tomli.loads(text))
    assert {keys for keys, _ in found} == spots.keys()
    for keys, value in found:
        spot = spots[keys]
        name = text[slice(*spot.key)]
        if isinstance(keys[-1], str):
            assert key_at(name)[0][-1].name == keys[-1], keys
        if not isinstance(value, dict | list):
            assert tomli.loads(f"x = {text[slice(*spot.value)]}") == {"x": value}, keys


def test_all_ways_to_write_keys_and_values():
    check(EVERYTHING)
    check(EVERYTHING.replace("\n", "\r\n"))


@pytest.mark.parametrize("text", ["", "\n", "# nothing", "a=1", "a=1#x", "[a]", "[[a]]", "'' = 1", "[a.'']\n''=''"])
def test_short_texts(text):
    check(text)


def test_a_header_of_its_own_tells_more_than_the_beginning_of_another():
    text = "[run.task]\nshell = 'sh'\n[run]\nfail = 'fast'\n"
    spots = positions(text)
    assert text[slice(*spots["run", "task"].value)] == "run.task"
    assert spots["run",].value == (text.index("[run]") + 1, text.index("[run]") + 4)


@pytest.mark.parametrize("text", ["", "=", ".a", "a.", "[a]", "\n"])
def test_what_is_no_key_is_refused(text):
    with pytest.raises(ValueError, match="no key"):
        key_at(text)


NAMES = st.text(st.sampled_from("ab-_1. \"'\\é#=[]\n\t"), max_size=4)
SCALARS = st.one_of(
    st.text(st.sampled_from("ab \"'\\#=[]{},\n\té"), max_size=6), st.integers(), st.booleans(), st.floats(-9, 9)
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=8
)


def written(value: Any, blank: str) -> str:
    if isinstance(value, dict):
        entries = [f"{json.dumps(key, ensure_ascii=False)} = {written(entry, blank)}" for key, entry in value.items()]
        return "{" + "".join(f"{blank}{entry}{blank}," for entry in entries) + "}"
    if isinstance(value, list):
        return "[" + "".join(f"{blank}{written(entry, blank)}," for entry in value) + "]"
    if isinstance(value, str) and "'" not in value and "\n" not in value:
        return f"'{value}'"
    if isinstance(value, str) and blank == "\n" and "\\" not in value:
        return '"""' + value.replace('"', '\\"') + '"""'
    return json.dumps(value, ensure_ascii=False)


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(NAMES, st.dictionaries(NAMES, VALUES, max_size=4), max_size=4),
    st.sampled_from([" ", "\n", "\r\n", " # ]\n"]),
    st.booleans(),
)
def test_any_text(data, blank, dotted):
    lines = []
    for name, table in data.items():
        quoted = json.dumps(name, ensure_ascii=False)
        lines += [] if dotted else [f"[{quoted}] # {{"]
        for key, value in table.items():
            before = f"{quoted} . " if dotted else ""
            lines.append(f"{before}{json.dumps(key, ensure_ascii=False)} = {written(value, blank)}")
    check("\n".join(lines))


def test_comments():
    text = '# one\na = \'#\' # two\r\nb = [ # three \'\n  """\n#""", ] #four'
    assert [text[slice(*span)] for span in comments(text)] == ["# one", "# two", "# three '", "#four"]
