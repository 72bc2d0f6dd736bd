"""Settings that have the right type and still cannot be.

In: a struct of settings, merged from all origins. Out: a `Problem` for each rule that is broken. Its keys are
canonical, and its message is the rest of a sentence that begins with the name of the key: who tells it knows how that
was written. Rules look at nothing but the settings, so that a file is right or wrong on all computers alike; what
depends on this one is told by the backend that is used.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from pysprocket.config.backend_settings import (
    LONGEST_PREFIX,
    NOT_IN_QUEUES,
    Apptainer,
    ConditionalArguments,
    OAuth,
    Queue,
    Scheduled,
    Submission,
    Tes,
)
from pysprocket.config.problems import Keys, Problem
from pysprocket.config.section import Section
from pysprocket.config.settings import OPPOSITES, S3, Budget, Check
from pysprocket.units import parse_duration

_DIGITS = 18  # of a number that surely has 64 bits

_NO_QUEUE = rf"[{NOT_IN_QUEUES}]|^-"
_NO_NAME = r"[^\S ]|[\x00-\x1f\x7f]"
"""What no name of a job has: control characters, and blanks but the plain one."""


def broken(settings: Section, keys: Keys = ()) -> Iterator[Problem]:
    """The rules that settings break; not those of tables in it, which are structs of their own.

    Args:
        settings: any struct.
        keys: the way to it.
    """
    for struct, rule in _RULES:
        if isinstance(settings, struct):
            yield from rule(settings, keys)


def _wrong(keys: Keys, name: str | int, message: str, help: str | None = None) -> Problem:  # noqa: A002
    return Problem((*keys, name), message, help, on_value=True)


def _findings(settings: Check, keys: Keys) -> Iterator[Problem]:
    for denied, hidden in OPPOSITES:
        if getattr(settings, denied) and getattr(settings, hidden):
            yield _wrong(keys, denied, f"cannot be together with `check.{hidden}`", "set one of them to false")


def _budget(settings: Budget, keys: Keys) -> Iterator[Problem]:
    first, longest = _seconds(settings.backoff), _seconds(settings.longest_backoff)
    if first is None or longest is None or first <= longest:
        return
    if settings.longest_backoff == Budget().longest_backoff:  # then it is the other that was set
        message = f"cannot be longer than the longest pause, `longest_backoff`, which is {longest:g} s"
        yield _wrong(keys, "backoff", message, "set `longest_backoff` too")
    else:
        message = f"cannot be shorter than the first pause, `backoff`, which is {first:g} s"
        yield _wrong(keys, "longest_backoff", message, "raise `longest_backoff`, or lower `backoff`")


def _tes(settings: Tes, keys: Keys) -> Iterator[Problem]:
    from pysprocket.config.urls import has_login, server_mistake, store_mistake  # noqa: PLC0415 - only where there are URLs

    found = {
        "url": server_mistake(settings.url, insecure=settings.insecure, base=True),
        "inputs": store_mistake(settings.inputs),
        "outputs": store_mistake(settings.outputs),
    }
    for name, wrong in found.items():
        if wrong is not None:
            yield _wrong(keys, name, *wrong)
    if found["url"] is None and settings.auth is not None and has_login(settings.url):
        yield _wrong(keys, "url", "cannot have a login in it together with `auth`", "remove one of them")


def _servers(settings: OAuth | S3, keys: Keys) -> Iterator[Problem]:
    """Rules for settings that are URLs of servers."""
    from pysprocket.config.urls import server_mistake  # noqa: PLC0415

    for name in ("authorization", "token") if isinstance(settings, OAuth) else ("endpoint",):
        url = getattr(settings, name)
        if url is not None and (wrong := server_mistake(url, base=isinstance(settings, S3))) is not None:
            yield _wrong(keys, name, *wrong)


def _scheduled(settings: Scheduled, keys: Keys) -> Iterator[Problem]:
    prefix = settings.job_name_prefix or ""
    if (length := len(prefix.encode("utf-8", "surrogatepass"))) > LONGEST_PREFIX:
        message = f"has {length} bytes; the names of jobs have room for {LONGEST_PREFIX}"
        yield _wrong(keys, "job_name_prefix", message, "shorten it")
    if prefix and not prefix.replace("-", "").isalnum() and re.search(_NO_NAME, prefix):
        yield _wrong(keys, "job_name_prefix", "has a control character or an odd blank", "write `-` or `_` instead")


def _queue(settings: Queue, keys: Keys) -> Iterator[Problem]:
    if not settings.name:
        yield _wrong(keys, "name", "is empty", "leave the whole table out, and the scheduler chooses")
    elif not settings.name.isalnum() and (found := re.search(_NO_QUEUE, settings.name)):
        message = f"has {found[0]!r}, which is in no name of a partition or queue"
        yield _wrong(keys, "name", message, "write its name alone; arguments belong into `args`")


def _arguments(settings: Submission | ConditionalArguments | Apptainer, keys: Keys) -> Iterator[Problem]:
    """An empty argument is a slip."""
    name = "extra_args" if isinstance(settings, Apptainer) else "args"
    for place, argument in enumerate(getattr(settings, name)):
        if not argument:
            yield _wrong((*keys, name), place, "is empty", "leave it out")


def _condition(settings: ConditionalArguments, keys: Keys) -> Iterator[Problem]:
    yield from _arguments(settings, keys)
    if is_plain(settings.condition):
        return
    from pysprocket.config.conditions import mistakes  # noqa: PLC0415 - the parser is for those who have conditions

    for wrong in mistakes(settings.condition):
        yield _wrong(keys, "condition", *wrong)


def is_plain(condition: str) -> bool:
    """Whether a condition is one of those that most are, such as `gpu && cpu > 8`, and so surely right."""
    if not (condition.isascii() and condition.isprintable()):
        return False
    return all(_is_plain_term(*term.split()) for term in condition.replace("||", "&&").split("&&"))


def _is_plain_term(name: str = "", operator: str = "", number: str = "", *more: str) -> bool:
    if not operator:
        return name.removeprefix("!") in ("gpu", "fpga")
    known = name in ("cpu", "memory", "disks") and operator in ("<", "<=", "==", "!=", ">=", ">")
    return known and number.isdecimal() and number[0] != "0" and len(number) <= _DIGITS and not more


def _seconds(span: str | float) -> float | None:
    """Seconds; None for what is no time span, which is told where single values are checked."""
    try:
        return parse_duration(span)
    except ValueError:
        return None


_RULES: tuple[tuple[type[Section], Callable[[Any, Keys], Iterator[Problem]]], ...] = (
    (Check, _findings),
    (Budget, _budget),
    (Tes, _tes),
    (OAuth, _servers),
    (S3, _servers),
    (Scheduled, _scheduled),
    (Queue, _queue),
    (Submission, _arguments),
    (Apptainer, _arguments),
    (ConditionalArguments, _condition),
)
