"""docs/reference/diagnostics.md is what the codes' explanations make it."""

from scripts.reference import DIAGNOSTICS, diagnostics


def test_the_reference_of_diagnostics_is_up_to_date():
    assert DIAGNOSTICS.read_text() == diagnostics(), "run `make reference`"
