"""What people write who come from other languages, and what it is in WDL.

In: nothing. Out: tables from a word or symbol to the remedy shown when it stands where WDL has no such thing.
"""

from __future__ import annotations

TYPE_WORDS = frozenset({"Array", "Boolean", "Directory", "File", "Float", "Int", "Map", "Object", "Pair", "String"})

TYPES = {  # the types of other languages by the name they have there
    "bool": "Boolean", "boolean": "Boolean", "Bool": "Boolean",
    "int": "Int", "integer": "Int", "Integer": "Int", "long": "Int", "Long": "Int",
    "float": "Float", "double": "Float", "Double": "Float", "number": "Float",
    "str": "String", "string": "String", "Str": "String", "text": "String", "char": "String",
    "file": "File", "path": "File", "Path": "File", "directory": "Directory", "dir": "Directory", "Dir": "Directory",
    "array": "Array", "list": "Array", "List": "Array", "tuple": "Pair", "Tuple": "Pair", "pair": "Pair",
    "map": "Map", "dict": "Map", "Dict": "Map", "object": "Object", "set": "Array", "Set": "Array",
}  # fmt: skip

CONSTANTS = {
    "True": "true", "TRUE": "true", "False": "false", "FALSE": "false",
    "null": "None", "NULL": "None", "none": "None", "nil": "None", "NA": "None",
}  # fmt: skip

LIST_HABITS = {  # where an entry of a block, or the end of the block, is wanted
    ",": "only the items of a list are separated by commas: remove it",
    "/": "a comment begins with `#`",
    "?": "a choice is written `if condition then a else b`",
    "and": "write `&&`",
    "or": "write `||`",
    "=": "values are compared with `==`",
    ")": "no `(` is open here: remove it",
    "]": "no `[` is open here: remove it",
}

LOOPS = {
    "for": "write `scatter (item in items) { … }`",
    "foreach": "write `scatter (item in items) { … }`",
    "while": "there are no loops that end by a condition; write `scatter (item in items) { … }` over an Array",
    "elif": "write `else if (…)`, which needs WDL 1.3",
    "elsif": "write `else if (…)`, which needs WDL 1.3",
    "switch": "write `if (…) { … }` for each case",
    "return": "name the results in `output { … }`",
}

_JSON = ("JSON", "name the document; a file of inputs comes after it, as `@inputs.json`")

FOREIGN = {  # what a text is that begins with a word or sign, and what to do
    "<": ("a web page", "give the address of the document itself: on GitHub the one behind `Raw`"),
    "{": _JSON, "[": _JSON,
    "cwlVersion": ("CWL", None), "class": ("CWL", None),
    "nextflow": ("Nextflow", None), "process": ("Nextflow", None), "params": ("Nextflow", None),
    "rule": ("Snakemake", None), "configfile": ("Snakemake", None),
}  # fmt: skip

TOP_LEVEL_HABITS = {
    "from": 'import a whole document: `import "lib.wdl" as lib`, then `call lib.name`',
    "include": 'write `import "lib.wdl" as lib`',
    "def": "write `task name { … }`",
    "function": "write `task name { … }`",
    "process": "write `task name { … }`",
    "rule": "write `task name { … }`",
    "class": "write `struct Name { … }`",
    "type": "write `struct Name { … }`",
    "call": "calls stand in a workflow: `workflow name { call … }`",
    "scatter": "a scatter stands in a workflow",
    "if": "an `if` block stands in a workflow",
    "input": "inputs stand in a task or workflow; there may be one `}` too many above",
    "output": "outputs stand in a task or workflow; there may be one `}` too many above",
    "command": "a command stands in a task; there may be one `}` too many above",
    "runtime": "the section `runtime` stands in a task; there may be one `}` too many above",
    "meta": "the section `meta` stands in a task, workflow or struct; there may be one `}` too many above",
}
