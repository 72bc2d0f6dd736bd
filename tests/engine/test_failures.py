"""The words for why a call failed."""

import pytest

from pysprocket.engine.failures import from_exit_code


@pytest.mark.parametrize(
    ("exit_code", "accepted", "words"),
    [
        (3, {0}, "exit code 3"),
        (0, {7}, "exit code 0, but `return_codes` accepts only 7"),
        (1, {3, 0, 7}, "exit code 1, but `return_codes` accepts only 0, 3, 7"),
        (
            1,
            set(range(2, 42)),
            "exit code 1, but `return_codes` accepts only 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 30 more",
        ),
    ],
)
def test_exit_codes_are_told_with_those_that_are_accepted(exit_code, accepted, words):
    failure = from_exit_code("task `t`", exit_code, accepted, "")
    assert (failure.cause, failure.message) == (words, f"task `t` failed: {words}")


@pytest.mark.parametrize(
    ("exit_code", "words"),
    [
        (137, "exit code 137: killed by signal 9 (SIGKILL)"),
        (139, "exit code 139: killed by signal 11 (SIGSEGV)"),
        (128, "exit code 128"),
        (255, "exit code 255"),
    ],
)
def test_an_exit_code_that_stands_for_a_signal_names_it_once(exit_code, words):
    failure = from_exit_code("task `t`", exit_code, {0}, "\n  kind exit_code")
    assert failure.message == f"task `t` failed: {words}\n  kind exit_code"
    assert failure.cause == f"exit code {exit_code}"
