"""What each diagnostic of the parser means.

In: nothing. Out: `EXPLANATIONS`, one paragraph for each code; `source.codes` joins the tables of all rooms.
"""

from __future__ import annotations

EXPLANATIONS: dict[str, str] = {
    "ByteOrderMark": (
        "The file begins with a byte order mark, an invisible character that some editors on Windows write. WDL "
        "documents are UTF-8 without it. The document is read as if it were not there; other engines may refuse it."
    ),
    "ClauseAfterElse": (
        "An `else` without a condition is taken whenever no condition before it held, so nothing after it could ever "
        "run. Move the clause before the `else`, or remove it."
    ),
    "CommandEnded": (
        "In `command { … }` the first `}` that does not close a placeholder ends the command, also when it belongs to "
        "the shell, as in `awk '{ print $1 }'`. In `command <<< … >>>` braces are plain text."
    ),
    "ConflictingSections": (
        "A task has both `runtime` and the section that replaced it in WDL 1.2, `requirements`. "
        "Use either the old section or the new ones: what the task needs belongs to `requirements`, what is only "
        "advice belongs to `hints`."
    ),
    "DuplicateEntry": (
        "An entry is given twice: in a `requirements`, `hints` or metadata section, or among the inputs of one call. "
        "Remove one of the two."
    ),
    "DuplicateOption": (
        "A placeholder has the same option twice, as in `~{sep=',' sep=' ' names}`. Remove one of them."
    ),
    "DuplicateSection": (
        "A task, workflow or struct has the same section twice. The first one counts; merge the second into it."
    ),
    "DuplicateWorkflow": (
        "A document has more than one workflow. WDL allows one for each document; the first one counts. Move the other "
        "to a document of its own and import it."
    ),
    "HintNotLiteral": (
        "The hints of a workflow are read before anything runs, so their values are literals: strings without "
        "placeholders, numbers, Booleans, and arrays and objects of them."
    ),
    "HintsBesideRuntime": (
        "A task has both `runtime` and `hints`, but `requirements` replaced `runtime` "
        "when `hints` came. Both count; other engines may refuse them."
    ),
    "InvalidEscape": (
        "An escape in a string is incomplete or names no character: `\\x` needs two hexadecimal digits, `\\u` four and "
        "`\\U` eight, and the number must be that of a Unicode character, which excludes D800 to DFFF and everything "
        "above 10FFFF. Write `\\\\` for a backslash."
    ),
    "InvalidNumber": (
        "Something begins with a digit but is not a number. Numbers are decimal (`12`), hexadecimal (`0x1F`), octal "
        "with a leading zero (`017`) or floating point (`1.5`, `1e-3`, `.5`). A name cannot begin with a digit."
    ),
    "InvalidQuantifier": (
        "A type has a mark it cannot have. `?` makes any type optional and is written once; `+` says that an Array is "
        "not empty and is written before the `?`: `Array[File]+?`."
    ),
    "MemberWithValue": (
        "A member of a struct definition is given a value. Structs have no default values: make the member optional "
        "(`String? name`), or give the value where a struct is made."
    ),
    "MisplacedEnv": (
        "`env` puts a value into the environment of a task's command. So it stands only before inputs and private "
        "declarations of a task, not in outputs, structs or workflows."
    ),
    "MissingCommand": "A task has no `command` section. Every task has one, even when it is empty: `command <<<>>>`.",
    "MissingInputSection": (
        "A task or workflow has no `input` section, and its body declares something without a value. It is read as an "
        "input, and so is what has a constant as its value, as before WDL 1.0; other engines refuse it. Write "
        "`input { … }` around such declarations."
    ),
    "MissingValue": (
        "A declaration outside of the `input` section has no value. Only inputs are given from outside: write "
        "`= expression` after the name, or move the declaration to the `input` section."
    ),
    "MissingVersion": (
        "The first statement of a document is its version, such as `version 1.2`. A document without it is written in "
        "draft-2, the form of WDL before 1.0, which is not supported. To upgrade it: add the version, put the "
        "declarations that are inputs into `input { … }`, write `object { … }` or a struct where it uses objects, and "
        "name each output of the workflow with its type."
    ),
    "NeedlessComma": (
        "A comma separates nothing: entries of `runtime`, `requirements`, `hints`, `meta` and `parameter_meta` follow "
        "each other without commas, and the last argument of a function has none after it. The comma is ignored here; "
        "other engines refuse it."
    ),
    "NewerVersionNeeded": (
        "The document uses something that came with a later version of WDL than the one it states. Raise the version "
        "in its first line, or write it in the older way."
    ),
    "NumberOutOfRange": (
        "A number is too large. An Int has 64 bits: from -9223372036854775808 to 9223372036854775807. A Float goes up "
        "to about 1.8e308."
    ),
    "OptionalWithoutValue": (
        "A declaration outside of the `input` section is optional and has no value, as in `File? nothing`, which some "
        "write where WDL has no `None` yet. In the body of a task or workflow it is read as one more input, in a "
        "scatter or `if` it is None; other engines refuse it. Move it to the `input` section, or write `= None` after "
        "it in WDL 1.1 and later."
    ),
    "PlaceholderInImport": (
        "Imports are resolved before anything is evaluated, so the location of an import is a plain string."
    ),
    "PlaceholderInMetadata": (
        "Strings in `meta` and `parameter_meta` are plain data. A placeholder in them is not evaluated: the text is "
        "kept as it is written."
    ),
    "QuotedKey": (
        'A key of a section is written in quotes, as in JSON: `"docker": "ubuntu"`. Keys in WDL are plain words. The '
        "quotes are ignored here; other engines refuse them."
    ),
    "RepeatedEntry": ("An entry of `runtime` is given twice. The last one counts; other engines refuse it."),
    "ReservedWord": (
        "A word of the language is used as the name of something. It could not be told from the language where it is "
        "used, so another name is needed."
    ),
    "ReservedWordAsName": (
        "A word of the language is used as the name of something. It is understood here, but the specification "
        "reserves the word and other engines refuse it."
    ),
    "SectionInCommand": (
        "A command holds a line that looks like the next section of the task, or the next task. Most often the end of "
        "the command is missing. If the line is part of the command, indent it otherwise."
    ),
    "SeveralOptions": (
        "A placeholder has several options, as in `~{default='' sep=',' names}`. The specification allows one. Here "
        "`default` applies when the value is None and `sep` otherwise; other engines refuse it."
    ),
    "TooDeeplyNested": (
        "Expressions, types or blocks are nested deeper than any reader could follow, or one expression is a chain of "
        "hundreds of operators. Name its parts in declarations of their own."
    ),
    "TooManyMistakes": (
        "The document has so many mistakes that it is probably not WDL, or that an early mistake causes the later "
        "ones. Correct the first ones and check again."
    ),
    "UnaryPlus": (
        "A `+` stands before a value. WDL 1.0 had this operator; later versions do not, and other engines refuse it. "
        "It does nothing: remove it."
    ),
    "UnclosedBlock": (
        "A `{` has no `}`: something follows that cannot stand inside of the block, such as a section inside of an "
        "`input` section or a task inside of a task. The closing bracket belongs before it."
    ),
    "UnexpectedCharacter": (
        "A character has no meaning in WDL. Often it comes from a word processor (curved quotes, a space that does not "
        "break) or from another language (`&`, `|`, `;`)."
    ),
    "UnexpectedEnd": (
        "The document ends inside of something. Most often a closing bracket is missing; the message shows what is "
        "still open."
    ),
    "UnexpectedToken": (
        "The text does not follow the grammar of WDL: at this place something else must stand, which the message names."
    ),
    "UnknownEscape": (
        'A backslash in a string stands before a character that it does not escape, as in `"\\."`. Both characters are '
        'kept, as those who write regular expressions expect; other engines refuse it. Write `"\\\\."` for the same.'
    ),
    "UnreleasedVersion": (
        "The version names a draft or the state of development of WDL. The document is read as the released version "
        "that came of it, which may differ from what the draft said. With `common.wdl.fallback_version` in the "
        "configuration, it and documents without a version are read as the version named there."
    ),
    "UnsupportedVersion": "The version is none that exists or that can be run here: 1.0, 1.1, 1.2 and 1.3.",
    "Unterminated": (
        "A string or a command is opened but not closed. A string in quotes ends on its line; for longer texts use "
        "`<<<` and `>>>` (WDL 1.2). A command ends with `>>>`, or with the first `}` when it began with `{`."
    ),
    "WrongTypeArguments": (
        "A type has too many or too few types in its brackets: `Array` has one, `Map` and `Pair` have two, and all "
        "others have none."
    ),
}
