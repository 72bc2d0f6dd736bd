"""What blocks export, what calls call, and the order of declarations."""

from __future__ import annotations

from collections.abc import Callable

from pysprocket.syntax import nodes
from pysprocket.types.loader import Library
from pysprocket.types.typed import TypedWorkflow

Check = Callable[..., Library]

_TASK = """
task t {
  input {
    Int x = 1
  }
  command <<< >>>
  output {
    Int out = x
    File? log = "log"
  }
}
"""


def workflow(library: Library) -> TypedWorkflow:
    assert [finding.message for finding in library.diagnostics] == []
    assert library.root.workflow is not None
    return library.root.workflow


def exports(typed: TypedWorkflow) -> list[dict[str, str]]:
    return [{name: str(type_) for name, type_ in given.items()} for given in typed.exports.values()]


def test_a_scatter_exports_arrays_that_are_as_empty_as_what_it_walks(check: Check) -> None:
    typed = workflow(
        check(
            f"""version 1.1
            {_TASK}
            workflow w {{
              input {{ Array[Int] maybe  Array[Int]+ surely }}
              scatter (a in maybe) {{ Int one = a  call t }}
              scatter (b in surely) {{ Int two = b  call t as u {{ input: x = b }} }}
              Array[Int]+ check = two
            }}"""
        )
    )
    assert exports(typed) == [
        {"one": "Array[Int]", "t.out": "Array[Int]", "t.log": "Array[File?]"},
        {"two": "Array[Int]+", "u.out": "Array[Int]+", "u.log": "Array[File?]+"},
    ]


def test_nested_blocks_export_through_each_other(check: Check) -> None:
    typed = workflow(
        check(
            f"""version 1.1
            {_TASK}
            workflow w {{
              input {{ Boolean go  Array[Int] items }}
              if (go) {{
                scatter (item in items) {{
                  if (item > 1) {{ call t  Int? already = item }}
                }}
                Array[Int?] inside = t.out
              }}
              Array[Int?]? outside = t.out
            }}"""
        )
    )
    assert exports(typed) == [
        {
            "t.out": "Array[Int?]?",
            "t.log": "Array[File?]?",
            "already": "Array[Int?]?",
            "inside": "Array[Int?]?",
        },
        {"t.out": "Array[Int?]", "t.log": "Array[File?]", "already": "Array[Int?]"},
        {"t.out": "Int?", "t.log": "File?", "already": "Int?"},
    ]


def test_a_name_that_every_clause_defines_is_not_optional(check: Check) -> None:
    typed = workflow(
        check(
            f"""version 1.3
            {_TASK}
            workflow w {{
              input {{ Boolean go  Boolean other }}
              if (go) {{ call t  Int x = 1  Int y = 1 }}
              else if (other) {{ call t {{ x = 2 }}  Float x = 2.0 }}
              else {{ call t {{ x = 3 }}  Int x = 3  Int y = 2 }}
            }}"""
        )
    )
    assert exports(typed) == [{"t.out": "Int", "t.log": "File?", "x": "Float", "y": "Int?"}]


def test_a_scatter_over_a_later_name_is_typed_all_the_same(check: Check) -> None:
    typed = workflow(
        check(
            """version 1.1
            workflow w {
              Array[Int]+ first = doubled
              scatter (item in later) { Int doubled = item * 2 }
              scatter (number in [1, 2]) { Int counted = number }
              Array[Int]+ later = counted
            }"""
        )
    )
    assert exports(typed) == [{"doubled": "Array[Int]+"}, {"counted": "Array[Int]+"}]


def test_calls_know_their_callees_wherever_they_stand(check: Check) -> None:
    library = check(
        f"""version 1.1
        import "lib.wdl"
        {_TASK}
        workflow w {{
          scatter (i in [1]) {{ call t  if (true) {{ call lib.sub as s }} }}
          call lib.t as other
        }}""",
        lib=f"version 1.0\n{_TASK}\nworkflow sub {{ call t }}",
    )
    typed = workflow(library)
    callees = {call.name.name: (callee.document.source.uri, callee.name) for call, callee in typed.calls.items()}
    assert callees == {
        "t": ("file:///documents/root.wdl", "t"),
        "s": ("file:///documents/lib.wdl", "sub"),
        "other": ("file:///documents/lib.wdl", "t"),
    }


def test_a_workflow_of_1_0_without_outputs_gives_those_of_its_calls(check: Check) -> None:
    text = f"""{_TASK}
    workflow w {{ call t  scatter (i in [1]) {{ call t as u }}  Int private = 1 }}"""
    old = workflow(check(f"version 1.0\n{text}"))
    assert {name: str(type_) for name, type_ in old.outputs.items()} == {
        "t.out": "Int",
        "t.log": "File?",
        "u.out": "Array[Int]+",
        "u.log": "Array[File?]+",
    }
    assert workflow(check(f"version 1.1\n{text}")).outputs == {}


def test_declarations_of_a_task_come_after_those_they_need(check: Check) -> None:
    library = check(
        """version 1.1
        task t {
          input { Int a = c + 1  Int b }
          Int c = d
          Int d = b
          command <<< >>>
          output { Int y = x + c  Int x = a }
        }"""
    )
    task = library.root.tasks["t"]
    assert library.diagnostics == []
    assert [declaration.name.name for declaration in task.declarations] == ["b", "d", "c", "a"]
    assert [declaration.name.name for declaration in task.output_declarations] == ["x", "y"]


def test_nested_inputs_are_allowed_by_version_meta_or_hint(check: Check) -> None:
    def allowed(version: str, section: str = "") -> bool:
        return workflow(check(f"version {version}\nworkflow w {{ {section} }}")).allow_nested_inputs

    assert allowed("1.0")
    assert not allowed("1.1")
    assert allowed("1.1", "meta { allowNestedInputs: true }")
    assert allowed("1.2", "hints { allow_nested_inputs: true }")
    assert not allowed("1.2", "hints { allow_nested_inputs: false } meta { allowNestedInputs: true }")


def test_a_struct_under_another_name_is_accepted_by_the_task_that_wants_it(check: Check) -> None:
    library = check(
        """version 1.1
        import "lib.wdl" alias Person as Patient alias Income as Pay
        struct Person { Int age }
        workflow w {
          input { Patient patient }
          Pay pay = patient.income
          call lib.greet { input: person = patient }
        }""",
        lib="""version 1.1
        struct Income { Float amount }
        struct Person { String name  Income income }
        task greet { input { Person person } command <<< >>> }""",
    )
    assert library.diagnostics == []
    assert library.root.structs["Patient"].members[1][1] == library.root.structs["Pay"]


def test_types_of_declarations_are_known_inside_their_scope(check: Check) -> None:
    library = check("version 1.1\nworkflow w { scatter (i in [1]) { Int x = i } }")
    statement = library.root.tree.workflow.body[0] if library.root.tree.workflow else None
    assert isinstance(statement, nodes.Scatter)
    declaration = statement.body[0]
    assert isinstance(declaration, nodes.Declaration)
    assert str(library.root.declared[declaration]) == "Int"
