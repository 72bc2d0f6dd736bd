"""The codes of the diagnostics of this room, with an explanation of each for `sprocket explain`.

In: nothing. Out: `EXPLANATIONS`, from a stable code to a few sentences. The codes of the parser are in `syntax`.
"""

EXPLANATIONS: dict[str, str] = {
    # documents and imports
    "ImportFailed": "An imported document cannot be read: it does not exist, is a directory, may not be read, or is "
    "not UTF-8 text. Relative locations start from the document that holds the import.",
    "ImportCycle": "Documents import each other in a circle. Move what both need to a document of its own.",
    "ImportNamespace": "The name of an imported file cannot be a namespace, since it is no identifier. Name the "
    'import: `import "my-tasks.wdl" as my_tasks`.',
    "ImportVersion": "A document imports one of a newer version of WDL. Accepted, but not by every engine.",
    "ConflictingTypes": "Two structs or enums that are visible under one name differ. Import one of them under "
    'another name: `import "x.wdl" alias Person as OtherPerson`. Structs that differ in the order of their members '
    "only are accepted.",
    "IndirectType": "A struct or enum is named that neither the document nor one it imports defines, but one that its "
    "imports import. Accepted, but not by every engine: import the document that defines it.",
    "TooManyFindings": "The document has more than 250 errors or warnings of types and names; only the first ones are "
    "shown.",
    # names
    "DuplicateName": "A name is defined twice where both can be seen. Names inside a scatter or `if` count in the "
    "blocks around it too, since they are exported there.",
    "HiddenVariable": "The variable of a scatter has the name of the variable of a scatter around it. Accepted: "
    "inside, it means the inner one.",
    "SharedName": "Two different things have one name: a task and the workflow, a call and an import. WDL wants all of "
    "them to differ. Accepted, since each use tells which is meant: a call means the task.",
    "UnknownName": "A name is used that is not defined in this section or further out.",
    "UnknownType": "A type is used that no struct or enum here or in an import has.",
    "UnknownMember": "A struct, call, pair or other value has no such member.",
    "UnknownChoice": "An enum has no such choice.",
    "UnknownFunction": "There is no such function in the standard library.",
    "UnknownNamespace": "A call names an import that the document does not have.",
    "UnknownCallee": "A call names a task or workflow that does not exist there. Namespaces are one level deep: a "
    "document cannot call what its imports import.",
    "UnknownInput": "A call gives an input that what it calls does not have. Private declarations are not inputs.",
    "UnknownRequirement": "The `requirements` section only holds what the specification names. Write what helps an "
    "engine but need not be fulfilled in `hints`.",
    "RequirementValue": "The value of a requirement has the right type but no meaning: a size without a known unit, a "
    "number of processors below 0, a container without a name. In `runtime` this is a warning, and fails when it runs.",
    "HintValue": "A hint that the specification defines has a value of another type, or is about an input or output "
    "that the task does not have. It has no effect; a hint never fails a task.",
    "UnknownParameter": "`parameter_meta` describes something that is no input or output of the task or workflow, or "
    "no member of the struct. Notes about something else belong to `meta`.",
    "NotAValue": "The name of a call, of an enum, or the `task` variable is used as a value. Only their members are.",
    "OutputReference": "An output is used outside the output section. Outputs are only known when the task has ended.",
    "TaskVariable": "The `task` variable is known in the command and output sections; from 1.3 on some of its members "
    "are known in requirements, hints and runtime.",
    "MisplacedFunction": "`glob`, `stdout` and `stderr` can only be used in the output section of a task.",
    # types
    "TypeMismatch": "A value has a type that cannot become the type that is wanted.",
    "PrivateInput": "In WDL 1.0, a call gives a value to what is declared in the body of a task or workflow that has "
    "no `input` section. It is read as an input, as before WDL 1.0; WDL forbids it. Write `input { … }` around the "
    "inputs.",
    "OptionalValue": "A value that may be `None` is used where a value is needed. Accepted with a check when it runs; "
    "WDL forbids it. Use `select_first([x, default])`. Where a call gives it to an input with a default, the default "
    "counts instead of `None`, as WDL says from 1.1 on.",
    "ImplicitConversion": "A value is used where another type is wanted, and WDL has no such conversion: a number for "
    "a String, a String for a number, a lone value for an Array, an Array of pairs for a Map, a Map for a struct whose "
    "members have other types. Accepted, and converted with a check when it runs; a value that cannot be converted "
    "fails then, and the message quotes it.",
    "NoJsonForm": "`write_json` is given a Pair, or a Map whose keys are no Strings. Neither has a JSON form, so it "
    "fails when it runs. Write a struct, or a Map whose keys are Strings.",
    "NoCommonType": "The items of an array or map, or the branches of an `if`, have no type in common. Different "
    "primitive types are accepted as String, a lone value beside Arrays as an Array of one.",
    "EmptyArray": "An empty array is given where at least one item is needed (`Array[X]+`). Accepted, since it may be "
    "a default that is replaced; it fails when it runs.",
    "MapKeyType": "The key of a Map must be a primitive type that is not optional. Optional keys and Pairs are "
    "accepted.",
    "RecursiveStruct": "A struct contains itself, directly or through others, so no value of it could be finite.",
    "StructSize": "A struct is too large or too deep, counting what its members hold. The limit keeps checking quick.",
    "EmptyEnum": "An enum has no choices.",
    "EnumValue": "The value of a choice must be a literal of the type of the enum; only a String can be left out.",
    "DuplicateKey": "A key of a map literal, a member of a struct literal or an attribute is given twice.",
    "MissingMember": "A struct literal leaves out a member that is not optional.",
    "OperatorType": "An operator cannot take operands of these types. Accepted are a String that is a number in "
    "arithmetic, and a Boolean or an Array beside a String with `+`: it is its text that is joined.",
    "NotIndexable": "Only an Array or a Map can be indexed with `[…]`. The member of a struct or Object is `x.member`; "
    '`x["member"]` is accepted for it, though WDL forbids it.',
    "PlaceholderType": "An Array, Map, Pair, struct or Object has no text that could be put into a string. Join an "
    "Array with `sep`, or write the value to a file. Of all but an Array the JSON is inserted.",
    "EnvironmentType": "A declaration marked `env` is an Array, Map, Pair, struct or Object, which has no text that an "
    "environment variable could hold. Its JSON is used.",
    "PlaceholderOption": "An option of a placeholder does not fit its value. `sep` joins an Array, `true` and `false` "
    "choose by a Boolean and come together, and the value of an option is a String.",
    "ArgumentCount": "A function takes another number of arguments.",
    "ArgumentType": "A function cannot take an argument of this type.",
    "ArgumentValue": "A literal argument of a function is sure to fail: a unit of storage that does not exist, or a "
    "negative count.",
    "InvalidPattern": "A regular expression cannot be read. WDL uses the extended ones of POSIX, with classes such as "
    "`[[:digit:]]`; look-ahead and look-behind do not exist. "
    "In a WDL string each backslash is written twice. Accepted, since nothing else of the document depends on it; it "
    "fails when it runs.",
    "ReplacementGroup": "The replacement of `sub` surely means a group of the pattern and does not name it: WDL writes "
    "`\\\\1` in a string, `$1` stays as it is; and what the pattern has no group for is empty.",
    "MissingItem": "A literal array or map is indexed with a literal that it does not hold. Arrays count from 0.",
    "FunctionVersion": "A function, or this form of it, came with a later version of WDL than the document has. In WDL "
    "1.0 the functions of 1.1 are accepted.",
    # tasks and workflows
    "DependencyCycle": "Declarations or calls need each other in a circle, so none can be evaluated first. A scatter "
    "or `if` counts as one: it needs all that its body needs.",
    "RecursiveWorkflow": "A workflow calls itself.",
    "MissingCallInput": "A call leaves out an input that must be given. It can then only run when the input is given "
    "from outside, as `workflow.call.input`.",
    "ScatterType": "A scatter walks over an Array, and this is something else.",
}
