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
    'another name: `import "x.wdl" alias Person as OtherPerson`.',
    "TooManyFindings": "The document has more than 250 errors or warnings of types and names; only the first ones are "
    "shown.",
    # names
    "DuplicateName": "A name is defined twice where both can be seen. Names inside a scatter or `if` count in the "
    "blocks around it too, since they are exported there.",
    "SharedName": "A task has the name of the workflow. Accepted: a call means the task.",
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
    "NotAValue": "The name of a call, of an enum, or the `task` variable is used as a value. Only their members are.",
    "OutputReference": "An output is used outside the output section. Outputs are only known when the task has ended.",
    "TaskVariable": "The `task` variable is known in the command and output sections; from 1.3 on some of its members "
    "are known in requirements, hints and runtime.",
    "MisplacedFunction": "`glob`, `stdout` and `stderr` can only be used in the output section of a task.",
    # types
    "TypeMismatch": "A value has a type that cannot become the type that is wanted.",
    "OptionalValue": "A value that may be `None` is used where a value is needed. Accepted with a check when it runs; "
    "WDL forbids it. Use `select_first([x, default])`.",
    "ImplicitConversion": "A value is used where another type is wanted, and WDL has no such conversion: a number for "
    "a String, a String for a number, an Array of pairs for a Map. Accepted, and converted with a check when it runs.",
    "NoCommonType": "The items of an array or map, or the branches of an `if`, have no type in common. String with "
    "another primitive type is accepted as String.",
    "EmptyArray": "An empty array is given where at least one item is needed (`Array[X]+`).",
    "MapKeyType": "The key of a Map must be a primitive type that is not optional.",
    "RecursiveStruct": "A struct contains itself, directly or through others, so no value of it could be finite.",
    "StructSize": "A struct is too large or too deep, counting what its members hold. The limit keeps checking quick.",
    "EmptyEnum": "An enum has no choices.",
    "EnumValue": "The value of a choice must be a literal of the type of the enum; only a String can be left out.",
    "DuplicateKey": "A key of a map literal, a member of a struct literal or an attribute is given twice.",
    "MissingMember": "A struct literal leaves out a member that is not optional.",
    "OperatorType": "An operator cannot take operands of these types.",
    "NotIndexable": "Only an Array or a Map can be indexed with `[…]`.",
    "PlaceholderType": "An Array, Map, Pair, struct or Object has no text that could be put into a string. Join an "
    "Array with `sep`, or write the value to a file.",
    "PlaceholderOption": "An option of a placeholder does not fit its value. `sep` joins an Array, `true` and `false` "
    "choose by a Boolean and come together, and the value of an option is a String.",
    "ArgumentCount": "A function takes another number of arguments.",
    "ArgumentType": "A function cannot take an argument of this type.",
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
