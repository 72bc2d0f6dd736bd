"""How values and names are shown in messages."""

import pytest

from pysprocket.values.text import did_you_mean


@pytest.mark.parametrize(
    ("name", "known", "told"),
    [
        ("N", ["n", "nn"], "; did you mean `n`?"),
        ("treads", ["threads", "memory"], "; did you mean `threads`?"),
        ("x", ["threads"], ""),
    ],
)
def test_the_nearest_name_is_suggested_and_capitals_are_no_difference(name, known, told):
    assert did_you_mean(name, known) == told
