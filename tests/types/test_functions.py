"""The table of the standard library."""

from __future__ import annotations

import pytest

from pysprocket.types.functions import FUNCTIONS
from pysprocket.types.model import ANY, FILE, INT, STRING, ArrayType, MapType, PairType, Type
from pysprocket.types.overloads import resolve

SINCE = {
    (1, 0): "floor ceil round sub basename glob stdout stderr size read_string read_int read_float read_boolean "
    "read_lines read_tsv read_map read_json read_object read_objects write_lines write_tsv write_map write_json "
    "write_object write_objects prefix range transpose cross zip flatten select_first select_all defined length",
    (1, 1): "min max suffix quote squote sep unzip as_pairs as_map collect_by_key keys",
    (1, 2): "find matches join_paths contains chunk values contains_key",
    (1, 3): "split value",
}


def test_every_function_of_every_version_is_there() -> None:
    expected = {name: version for version, names in SINCE.items() for name in names.split()}
    assert {name: function.since for name, function in FUNCTIONS.items()} == expected


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_signature_is_read_as_it_is_written(name: str) -> None:
    for overload in FUNCTIONS[name].overloads:
        types = [str(type_) for type_ in overload.parameters]
        shown = [type_ if place < overload.required else f"[{type_}]" for place, type_ in enumerate(types)]
        assert FUNCTIONS[name].written(overload) == f"{overload.result} {name}({', '.join(shown)})"


@pytest.mark.parametrize(
    ("name", "arguments", "version"),
    [
        ("length", (MapType(STRING, INT),), (1, 2)),
        ("length", (STRING,), (1, 2)),
        ("keys", (MapType(STRING, INT),), (1, 1)),
        ("size", (ArrayType(ArrayType(FILE)),), (1, 2)),
        ("select_first", (ArrayType(INT), INT), (1, 2)),
        ("read_tsv", (FILE, INT), (1, 4)),
        ("prefix", (STRING, ArrayType(PairType(INT, INT))), (1, 4)),
    ],
)
def test_an_overload_is_only_there_from_its_version_on(
    name: str, arguments: tuple[Type, ...], version: tuple[int, int]
) -> None:
    assert resolve(FUNCTIONS[name], arguments, (version[0], version[1] - 1)) is None
    assert (resolve(FUNCTIONS[name], arguments, version) is not None) == (version < (1, 4))


def test_a_type_variable_takes_what_all_its_arguments_have_in_common() -> None:
    match = resolve(FUNCTIONS["select_first"], (ArrayType(INT), STRING), (1, 2))
    assert match is not None
    assert str(match.result) == "String"


def test_a_type_variable_without_an_argument_is_any() -> None:
    match = resolve(FUNCTIONS["select_all"], (ArrayType(ANY),), (1, 0))
    assert match is not None
    assert match.result == ArrayType(ANY)
