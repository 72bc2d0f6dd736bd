"""What is written is read back by `tomllib` as the same data."""

from __future__ import annotations

import datetime
import math
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from pysprocket.config import toml

TEXTS = some.text(some.characters(exclude_categories=["Cs"]))
ZONES = some.integers(-1439, 1439).map(lambda minutes: datetime.timezone(datetime.timedelta(minutes=minutes)))
PLAIN = (
    TEXTS
    | some.booleans()
    | some.integers(-(2**63), 2**63 - 1)
    | some.floats(allow_nan=False)
    | some.dates()
    | some.times()
    | some.datetimes(timezones=some.none() | ZONES)
)
VALUES: some.SearchStrategy[Any] = some.recursive(
    PLAIN, lambda inner: some.lists(inner) | some.dictionaries(TEXTS, inner), max_leaves=8
)


@settings(max_examples=20, deadline=None)
@given(VALUES)
def test_a_value_is_read_back_as_it_was(data):
    line = toml.value(data)
    assert "\n" not in line
    assert tomllib.loads(f"key = {line}") == {"key": data}


@settings(max_examples=20, deadline=None)
@given(some.dictionaries(TEXTS, VALUES))
def test_a_file_is_read_back_as_it_was(data):
    assert tomllib.loads(toml.document(data)) == data


@settings(max_examples=20, deadline=None)
@given(some.dictionaries(TEXTS, VALUES))
def test_remarks_change_nothing(data):
    assert tomllib.loads(toml.document(data, lambda path: "of " + str(len(path)))) == data


@settings(max_examples=20, deadline=None)
@given(some.lists(TEXTS, min_size=1, max_size=4))
def test_a_path_of_keys_is_read_back_as_it_was(path):
    data: Any = tomllib.loads(f"{toml.dotted(tuple(path))} = 1")
    for name in path:
        data = data[name]
    assert data == 1


def test_not_a_number_is_read_back_as_that():
    assert math.isnan(tomllib.loads(f"key = {toml.value(math.nan)}")["key"])


@pytest.mark.parametrize(
    ("data", "line"),
    [
        ('a "b"\n\x7f', r'"a \"b\"\n\u007F"'),
        ([1, 2.0, True], "[1, 2.0, true]"),
        ({"env": "NAME"}, '{ env = "NAME" }'),
        ({"a b": {}}, '{ "a b" = {} }'),
        ([{"args": []}], "[{ args = [] }]"),
    ],
)
def test_a_value_is_written_as_a_person_would(data, line):
    assert toml.value(data) == line


def test_a_file_has_sections_and_remarks():
    data = {"run": {"fail": "fast", "http": {"retries": 1}, "task": {"retry": {"lost": {"count": 1}}}}, "empty": {}}
    assert toml.document(data, lambda path: "here" if path == ("run", "fail") else "") == (
        '[run]\nfail = "fast"  # here\n\n[run.http]\nretries = 1\n\n[run.task.retry.lost]\ncount = 1\n\n[empty]\n'
    )


def test_values_of_other_types_have_something_in_toml():
    day = datetime.date(2024, 1, 2)
    data = toml.data_of({"path": Path("/a"), "none": None, "days": (day,), "set": {1}, 5: [None, {"a": None}]})
    assert data == {"path": "/a", "days": [day], "set": [1], "5": [{}]}
    assert toml.data_of(None) is None


def test_a_table_can_be_written_on_one_line():
    assert toml.document({"a": {"b": toml.Inline(c=1), "d": {"e": 2}}}) == "[a]\nb = { c = 1 }\n\n[a.d]\ne = 2\n"


def test_what_toml_does_not_have_is_refused():
    with pytest.raises(TypeError, match="None"):
        toml.value({"a": None})
