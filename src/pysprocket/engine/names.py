"""Names that chance gives: of runs, for people and for machines, and of jobs.

In: nothing. Out: names such as "amber-otter-3fa2c1", UUIDs, and letters that keep the names of jobs apart. (The modules
`secrets`, `string` and `uuid` would do the same, and take longer to import than all of this.)
"""

import os
from collections.abc import Sequence

_ALPHANUMERIC = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

_ADJECTIVES = """
amber ample apt bold brisk calm clear coral crisp deft eager early fair fleet fresh gentle glad golden grand green
hazel humble indigo ivory jolly keen kind light lively lucid mellow merry misty noble olive patient plain proud quick
quiet rapid rosy royal rustic sage silver steady still sunny swift tidy true vivid warm wise young
"""
_NOUNS = """
alder badger beech birch bison canyon cedar cobra comet condor coral crane delta dune eagle elm falcon fern finch
fjord forest fox gecko glacier grove harbor heron ibis island lagoon lark lemur linden lynx maple marten meadow moth
newt oak orchid osprey otter owl panda pebble pine plover poplar puffin quail raven reef river robin salmon sparrow
spruce stork stream swan tern thrush tiger tulip valley walnut willow wren
"""


def run_name() -> str:
    """A name of a run that people can say; six hexadecimal digits keep such names apart."""
    return f"{_one_of(_ADJECTIVES.split())}-{_one_of(_NOUNS.split())}-{os.urandom(3).hex()}"


def random_uuid() -> str:
    """A random UUID (RFC 9562, version 4)."""
    number = bytearray(os.urandom(16))
    number[6] = number[6] & 0x0F | 0x40
    number[8] = number[8] & 0x3F | 0x80
    text = number.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def random_letters(length: int) -> str:
    """Letters and digits."""
    number, letters = int.from_bytes(os.urandom(length + 8), "little"), ""  # 8 more bytes: all are as good as equal
    for _ in range(length):
        number, index = divmod(number, len(_ALPHANUMERIC))
        letters += _ALPHANUMERIC[index]
    return letters


def _one_of(choices: Sequence[str]) -> str:
    return choices[int.from_bytes(os.urandom(8), "little") % len(choices)]
