"""Which known name is suggested for one that does not exist."""

import pytest

from pysprocket.nearest import nearest


@pytest.mark.parametrize(
    ("name", "known", "expected"),
    [
        ("runz", ["run", "runs", "resume"], ["runs"]),
        ("rns", ["run", "runs"], ["runs"]),
        ("rusn", ["ruin", "runs"], ["runs"]),  # swapped letters are one mistake
        ("BAM", ["bam", "BAMS"], ["bam"]),
        ("reads", ["red", "adder", "read"], ["read"]),
        ("xyz", ["run", "runs"], []),
        ("", ["run"], []),
        ("run", [], []),
    ],
)
def test_the_name_with_the_fewest_edits_is_suggested(name, known, expected):
    assert nearest(name, known) == expected


def test_several_are_given_the_nearest_first():
    assert nearest("inptus", ["inputs_of_it", "inputs", "input", "other"], 3, 0.5) == [
        "inputs",
        "input",
        "inputs_of_it",
    ]
