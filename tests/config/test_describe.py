"""What is told of a setting is what its struct says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Literal

import msgspec
import pytest

from pysprocket.config import describe
from pysprocket.config.backend_settings import SETTINGS
from pysprocket.config.section import (
    NO_EFFECT,
    BackendSettings,
    PathSetting,
    SecretSetting,
    Section,
    Size,
    TimeSpan,
    example,
)


class Login(Section, frozen=True, tag_field="type", tag="login"):
    """A login.

    Attributes:
        user: the name
    """

    user: str


class Token(Section, frozen=True, tag_field="type", tag="token"):
    """A token."""

    text: SecretSetting


class Pause(Section, frozen=True):
    """A pause.

    Attributes:
        count: how many
        first: the first
    """

    count: int = 0
    first: TimeSpan = 10


class Rack(Section, frozen=True):
    """A rack.

    Attributes:
        inner: in it
        spare: another one
        login: of it
    """

    inner: Rack | None = None
    spare: Rack | Literal["none"] = "none"
    login: Login | Token = Login(user="me")


class Grid(BackendSettings, frozen=True):
    """`run.backends.NAME`: tasks run on a grid of computers.

    More of it.

    Attributes:
        site: where, which may be said
            on two lines
        low, high: both
        cpu: how many
    """

    site: str
    low: Annotated[int, msgspec.Meta(gt=0, lt=10)] = 1
    high: Annotated[float, msgspec.Meta(ge=0.5)] | None = None
    cpu: Annotated[int, example(8)] | Literal["all"] = "all"
    mode: Annotated[Literal["b", "a"], NO_EFFECT] = "b"
    scratch: PathSetting | None = None
    memory: Size | None = None
    longest: TimeSpan | Literal["never"] = "never"
    login: Login | Token | None = None
    pause: Pause = Pause(count=4)
    pauses: list[Pause] = []  # noqa: RUF012 - msgspec copies it
    labels: dict[str, str] = {}  # noqa: RUF012


@pytest.fixture(scope="module")
def grid() -> dict[str, describe.Setting]:
    described = describe.backend("grid", Grid)
    assert (described.path, described.type, described.present) == (("run", "backends", "grid"), "grid", False)
    assert described.description == "Tasks run on a grid of computers."
    return {setting.path[-1]: setting for setting in described.settings}


def test_every_key_is_there_in_its_order(grid):
    assert list(grid) == list(Grid.__struct_fields__)


@pytest.mark.parametrize(
    ("name", "kind", "default", "shown"),
    [
        ("site", "a text", None, "..."),
        ("low", "a whole number from 1 to 9", 1, 1),
        ("high", "a number, 0.5 or more", None, 0.5),
        ("cpu", 'a whole number or "all"', "all", 8),
        ("mode", '"a" or "b"', "b", "b"),
        ("scratch", "a path", None, "directory"),
        ("memory", 'bytes, or a text such as "8 GiB"', None, "8 GiB"),
        ("longest", 'seconds, or a text such as "30 s" or "never"', "never", "never"),
        ("pauses", "an array, each a table", [], []),
        ("labels", "a table", {}, {}),
        ("max_scatter_concurrency", "a whole number, 1 or more", None, 200),
    ],
)
def test_a_key_has_a_kind_a_default_and_an_example(grid, name, kind, default, shown):
    setting = grid[name]
    assert (setting.kind, setting.default, setting.example) == (kind, default, shown)


@pytest.mark.parametrize(
    ("name", "description"),
    [
        ("site", "Where, which may be said on two lines."),
        ("low", "Both."),
        ("high", "Both."),
        ("mode", ""),
        ("max_scatter_concurrency", describe.descriptions(BackendSettings)["max_scatter_concurrency"]),
    ],
)
def test_a_description_is_a_sentence_of_the_docstring_of_the_struct_or_its_base(grid, name, description):
    assert grid[name].description == description


def test_what_is_required_and_what_has_no_effect_is_known(grid):
    assert [name for name, setting in grid.items() if setting.required] == ["site"]
    assert [name for name, setting in grid.items() if not setting.effective] == ["mode"]


def test_words_begin_with_the_default(grid):
    assert (grid["mode"].words, grid["mode"].closed) == (("b", "a"), True)
    assert (grid["cpu"].words, grid["cpu"].closed) == (("all",), False)


def test_tables_in_a_table_are_described_with_the_defaults_that_the_outer_one_gives(grid):
    (pause,) = grid["pause"].tables
    assert pause.present
    assert [(setting.path[-2:], setting.default) for setting in pause.settings] == [
        (("pause", "count"), 4),
        (("pause", "first"), 10),
    ]


def test_tables_that_need_not_be_there_have_their_own_defaults_and_a_type(grid):
    tables = grid["login"].tables
    assert [(table.type, table.present, table.settings[0].path[-1]) for table in tables] == [
        ("login", False, "user"),
        ("token", False, "text"),
    ]


def test_a_table_in_itself_is_told_once():
    inner, spare, _ = describe.table(Rack).settings
    assert (inner.tables, inner.kind, inner.is_table) == ((), "a table", False)
    assert (spare.tables, spare.kind, spare.default) == ((), 'a table or "none"', "none")


def test_of_tables_that_may_be_there_the_default_is():
    login = describe.table(Rack).settings[-1]
    assert [(table.type, table.present) for table in login.tables] == [("login", True), ("token", False)]
    assert login.tables[0].settings[0].default == "me"


def test_an_array_of_tables_is_a_value(grid):
    assert grid["pauses"].many
    assert not grid["pauses"].is_table
    assert len(grid["pauses"].tables) == 1


def own_structs() -> Iterator[type[Section]]:
    """Every struct of settings that comes with the program."""
    pending: list[type[Section]] = [*Section.__subclasses__()]
    while pending:
        struct = pending.pop()
        if struct.__module__.startswith("pysprocket."):
            yield struct
        pending += struct.__subclasses__()


def test_every_key_of_every_struct_has_a_description_of_one_or_two_sentences():
    for struct in own_structs():
        said = describe.descriptions(struct)
        for name in struct.__struct_fields__:
            if (struct.__name__, name) == ("Config", "notes"):
                continue
            assert said.get(name), f"{struct.__name__}.{name}"
            sentences = re.findall(r"[.!?](?= [A-Z`\"]|$)", said[name])
            assert 1 <= len(sentences) <= 2, said[name]


def test_every_table_and_type_of_backend_has_a_description():
    tables = [describe.sections(), *(describe.backend(name, struct) for name, struct in SETTINGS.items())]
    for table in tables:
        assert table.description
        for setting in table.settings:
            tables += setting.tables
    assert len(tables) > 40


def test_a_key_that_is_written_in_code_has_the_example_of_its_kind():
    (setting,) = describe.table(Token).settings
    assert setting.example == {"env": "NAME"}
