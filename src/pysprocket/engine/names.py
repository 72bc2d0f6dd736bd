"""Names of runs that people can say.

In: nothing. Out: names such as "amber-otter-3fa2c1"; the six hexadecimal digits keep them apart.
"""

import secrets

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
    """A new name."""
    return f"{secrets.choice(_ADJECTIVES.split())}-{secrets.choice(_NOUNS.split())}-{secrets.token_hex(3)}"
