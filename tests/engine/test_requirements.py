"""What a call asks for, read from evaluated sections."""

import pytest

from pysprocket.backends.job import Limits, Resources
from pysprocket.engine.requirements import (
    GIB,
    Defaults,
    LimitBehavior,
    denial,
    excesses,
    is_denied,
    lowered,
    read_requirements,
)
from pysprocket.errors import EvaluationError


def read(values=None, hints=None):
    return read_requirements(values or {}, hints or {}, Defaults())


def test_a_task_that_says_nothing_gets_the_defaults_of_the_specification():
    asked = read()
    assert asked.resources == Resources(cpu=1.0, memory=2 * GIB)
    assert asked.images == ("ubuntu:latest",)
    assert asked.max_retries == 0
    assert asked.accepts(0)
    assert not asked.accepts(1)


@pytest.mark.parametrize(
    ("value", "expected"),
    [("2 GiB", 2 * GIB), ("2GB", 2 * 10**9), ("6.2 GB", 6_200_000_000), (1000, 1000), ("512 mib", 512 * 1024**2)],
)
def test_memory_is_bytes_or_a_text_with_a_unit(value, expected):
    assert read({"memory": value}).resources.memory == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (10, {"": 10 * GIB}),
        ("10", {"": 10 * GIB}),
        ("10 GB", {"": 10 * 10**9}),
        ("/mnt/data 4 GiB", {"/mnt/data": 4 * GIB}),
        (["/a 1 GiB", "2"], {"/a": GIB, "": 2 * GIB}),
        ("local-disk 10 HDD", {"": 10 * 10**9}),
    ],
)
def test_disks_are_sizes_with_or_without_a_mount_point(value, expected):
    assert read({"disks": value}).resources.disks == expected


def test_older_names_of_keys_mean_the_same():
    asked = read({"docker": "debian:12", "maxRetries": 3, "returnCodes": [0, 7]})
    assert asked.images == ("debian:12",)
    assert asked.max_retries == 3
    assert asked.accepts(7)


def test_a_star_accepts_any_exit_code_and_stands_for_the_default_image():
    asked = read({"container": "*", "return_codes": "*"})
    assert asked.images == ("ubuntu:latest",)
    assert asked.accepts(42)


def test_unknown_runtime_keys_are_kept_as_hints():
    assert read({"zones": "us-east"}).hints == {"zones": "us-east"}


def test_hints_give_hard_limits():
    limits = read({}, {"max_cpu": 4, "maxMemory": "1 GiB"}).resources
    assert (limits.cpu_limit, limits.memory_limit) == (4.0, GIB)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"cpu": "many"}, "`cpu` must be a number"),
        ({"cpu": 0}, "above 0"),
        ({"memory": "lots"}, "`lots` is not a size"),
        ({"memory": True}, "`memory` must be"),
        ({"max_retries": -1}, "`max_retries` must be"),
        ({"return_codes": "none"}, "`return_codes` must be"),
        ({"disks": "somewhere"}, "`disks` must be"),
        ({"gpu": "yes"}, "`gpu` must be true or false"),
        ({"gpu": 1}, "`gpu` must be true or false"),
        ({"fpga": "xilinx"}, "`fpga` must be true or false"),
        ({"disks": ["1", "2"]}, "more than once"),
    ],
)
def test_a_value_that_a_key_cannot_have_is_named(values, words):
    with pytest.raises(EvaluationError, match=words):
        read(values)


def test_a_request_above_the_maximum_is_denied_with_both_numbers():
    too_much = excesses(Resources(cpu=64), Limits(cpu=2))
    assert "64 CPUs, but the backend has a maximum of 2" in str(denial(too_much))


def test_all_that_is_denied_is_told_at_once_with_both_settings():
    error = denial(excesses(Resources(cpu=64, memory=8 * GIB), Limits(2, GIB)))
    assert str(error) == (
        "it requires at least 64 CPUs, but the backend has a maximum of 2 and "
        "at least 8 GiB of memory, but the backend has a maximum of 1 GiB"
    )
    assert error.help is not None
    assert "`run.task.cpu_limit_behavior` and `run.task.memory_limit_behavior`" in error.help


def test_amounts_that_are_denied_are_told_in_their_units_and_never_alike():
    decimal = denial(excesses(Resources(memory=96 * 10**9), Limits(memory=16 * GIB)))
    assert "at least 96 GB of memory, but the backend has a maximum of 16 GiB" in str(decimal)
    by_one = denial(excesses(Resources(cpu=2.0000001, memory=GIB + 1), Limits(2, GIB)))
    assert "2.0000001 CPUs, but the backend has a maximum of 2 and" in str(by_one)
    assert "at least 1,073,741,825 bytes of memory" in str(by_one)
    assert "a maximum of 1,073,741,824 bytes" in str(by_one)


def test_processors_and_memory_are_denied_or_lowered_each_by_its_own_setting():
    cpu, memory = excesses(Resources(64, 8 * GIB), Limits(2, GIB))
    behavior = LimitBehavior(cpu="try_with_max")
    assert not is_denied(cpu, behavior)
    assert is_denied(memory, behavior)


def test_a_request_above_the_maximum_is_lowered_to_it():
    got = lowered(Resources(cpu=64, memory=8 * GIB), Limits(2, GIB))
    assert (got.cpu, got.memory) == (2, GIB)


def test_what_fits_or_has_no_known_maximum_is_as_asked_for():
    asked = Resources(cpu=64, memory=8 * GIB)
    assert lowered(asked, Limits()) is asked
    assert lowered(asked, Limits(64, 8 * GIB)) is asked
    assert not excesses(asked, Limits(64, 8 * GIB))


def test_what_was_read_lately_is_not_mistaken_for_what_looks_alike():
    for values in ({"gpu": True}, {"gpu": "true"}, {"cpu": 1}, {"cpu": 1.0}, {"cpu": "1"}):
        assert read_requirements(values, {}, Defaults()) is read_requirements(dict(values), {}, Defaults())
    assert read_requirements({"max_retries": 1}, {}, Defaults()).max_retries == 1
    with pytest.raises(EvaluationError, match="`max_retries` must be a whole number"):
        read_requirements({"max_retries": True}, {}, Defaults())
    assert read_requirements({"container": ["a", "b"]}, {}, Defaults()).images == ("a", "b")
    assert read_requirements({"container": "a"}, {}, Defaults()).images == ("a",)
    assert read_requirements({}, {}, Defaults(max_retries=2)).max_retries == 2
    assert read_requirements({}, {}, Defaults()).max_retries == 0
    assert read_requirements({}, {"max_cpu": 2}, Defaults()).resources.cpu_limit == 2
    assert read_requirements({"max_cpu": 3}, {}, Defaults()).resources.cpu_limit == 3


def test_space_around_an_image_does_not_matter_and_a_star_is_the_default():
    defaults = Defaults(container=" Docker://debian ")
    images = read_requirements({"container": [" ubuntu\n", " * ", "ORAS://x/Y", ""]}, {}, defaults).images
    assert images == ("ubuntu", "docker://debian", "oras://x/Y", "")
