"""Which types fit where."""

from __future__ import annotations

import pytest

from pysprocket.types.coercion import Coercibility, coercible, common_type, same_shape
from pysprocket.types.model import (
    ANY,
    BOOLEAN,
    DIRECTORY,
    FILE,
    FLOAT,
    INT,
    NONE,
    OBJECT,
    STRING,
    ArrayType,
    EnumType,
    MapType,
    PairType,
    StructType,
    Type,
    optional,
)

YES, LENIENT, NO = Coercibility.YES, Coercibility.LENIENT, Coercibility.NO
COLOR = EnumType("Color", STRING, (("Red", "Red"),))
PERSON = StructType("Person", (("name", STRING), ("age", optional(INT))))
TURNED = StructType("Turned", (("age", optional(INT)), ("name", FILE)))


@pytest.mark.parametrize(
    ("source", "target", "level"),
    [
        (INT, FLOAT, YES),
        (FLOAT, INT, LENIENT),
        (STRING, FILE, YES),
        (FILE, STRING, YES),
        (FILE, DIRECTORY, NO),
        (STRING, INT, LENIENT),
        (INT, STRING, LENIENT),
        (BOOLEAN, STRING, LENIENT),
        (BOOLEAN, INT, NO),
        (INT, FILE, NO),
        (INT, optional(FLOAT), YES),
        (optional(INT), INT, LENIENT),
        (optional(STRING), INT, LENIENT),
        (NONE, INT, NO),
        (NONE, optional(INT), YES),
        (ANY, INT, YES),
        (ArrayType(INT), ANY, YES),
        (ArrayType(INT), ArrayType(FLOAT, nonempty=True), YES),
        (ArrayType(optional(INT)), ArrayType(INT), LENIENT),
        (ArrayType(INT), STRING, LENIENT),
        (ArrayType(ArrayType(STRING)), STRING, LENIENT),
        (ArrayType(PairType(INT, INT)), STRING, NO),
        (MapType(STRING, INT), STRING, NO),
        (INT, ArrayType(INT), LENIENT),
        (INT, ArrayType(ArrayType(FLOAT)), LENIENT),
        (BOOLEAN, ArrayType(INT), NO),
        (optional(FILE), ArrayType(FILE), LENIENT),
        (PERSON, ArrayType(PERSON), LENIENT),
        (MapType(INT, STRING), MapType(FLOAT, FILE), YES),
        (MapType(STRING, INT), ArrayType(PairType(STRING, INT)), LENIENT),
        (ArrayType(PairType(STRING, INT)), MapType(STRING, INT), LENIENT),
        (PairType(INT, STRING), PairType(FLOAT, FILE), YES),
        (PERSON, TURNED, YES),
        (TURNED, PERSON, YES),
        (PERSON, StructType("Other", (("name", STRING),)), NO),
        (StructType("Part", (("name", STRING),)), PERSON, LENIENT),
        (MapType(STRING, STRING), PERSON, LENIENT),
        (MapType(STRING, ArrayType(INT)), PERSON, LENIENT),
        (MapType(BOOLEAN, STRING), PERSON, LENIENT),
        (MapType(STRING, STRING), INT, NO),
        (MapType(INT, STRING), PERSON, LENIENT),
        (PERSON, MapType(STRING, STRING), LENIENT),
        (OBJECT, PERSON, YES),
        (PERSON, OBJECT, YES),
        (OBJECT, MapType(STRING, INT), YES),
        (MapType(STRING, INT), OBJECT, YES),
        (COLOR, STRING, YES),
        (STRING, COLOR, YES),
        (COLOR, INT, NO),
        (COLOR, EnumType("Colour", STRING, COLOR.choices), YES),
        (COLOR, EnumType("Color", STRING, (("Blue", "Blue"),)), NO),
    ],
)
def test_how_surely_a_type_fits(source: Type, target: Type, level: Coercibility) -> None:
    assert coercible(source, target) is level


@pytest.mark.parametrize(
    ("one", "other", "strict", "lenient"),
    [
        (INT, FLOAT, FLOAT, FLOAT),
        (INT, NONE, optional(INT), optional(INT)),
        (NONE, NONE, NONE, NONE),
        (ANY, NONE, ANY, ANY),
        (optional(INT), FLOAT, optional(FLOAT), optional(FLOAT)),
        (STRING, optional(FILE), optional(STRING), optional(STRING)),
        (STRING, INT, None, STRING),
        (FILE, INT, None, STRING),
        (BOOLEAN, INT, None, STRING),
        (STRING, ArrayType(STRING), None, ArrayType(STRING)),
        (INT, ArrayType(ArrayType(INT), nonempty=True), None, ArrayType(ArrayType(INT), nonempty=True)),
        (INT, ArrayType(PairType(INT, INT)), None, None),
        (MapType(STRING, INT), PERSON, None, PERSON),
        (ArrayType(INT, nonempty=True), ArrayType(FLOAT), ArrayType(FLOAT), ArrayType(FLOAT)),
        (ArrayType(ANY), ArrayType(INT), ArrayType(INT), ArrayType(INT)),
        (MapType(STRING, INT), MapType(STRING, STRING), None, MapType(STRING, STRING)),
        (PairType(INT, INT), PairType(FLOAT, INT), PairType(FLOAT, INT), PairType(FLOAT, INT)),
        (PERSON, OBJECT, OBJECT, OBJECT),
        (COLOR, STRING, None, None),
    ],
)
def test_what_two_types_have_in_common(one: Type, other: Type, strict: Type | None, lenient: Type | None) -> None:
    assert common_type(one, other) == common_type(other, one) == strict
    assert common_type(one, other, lenient=True) == common_type(other, one, lenient=True) == lenient


def test_structs_have_the_same_shape_whatever_the_names_of_those_inside() -> None:
    inner, other = StructType("A", (("x", INT),)), StructType("B", (("x", INT),))
    assert same_shape(StructType("S", (("m", ArrayType(inner)),)), StructType("T", (("m", ArrayType(other)),)))
    assert not same_shape(inner, StructType("A", (("x", FLOAT),)))
    assert not same_shape(PERSON, StructType("Person", tuple(reversed(PERSON.members))))
