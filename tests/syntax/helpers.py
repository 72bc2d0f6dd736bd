"""Short ways to parse pieces of WDL in tests."""

from __future__ import annotations

from typing import TypeVar

from pysprocket.source.diagnostic import Diagnostic, Severity
from pysprocket.source.text import Source
from pysprocket.syntax import nodes
from pysprocket.syntax.parser import parse

N = TypeVar("N", bound=nodes.Node)


def read(text: str) -> tuple[nodes.Document, list[Diagnostic]]:
    """The tree and the diagnostics of a whole document."""
    return parse(Source("file:///test.wdl", text, "test.wdl"))


def codes(text: str) -> list[str]:
    """The codes of all diagnostics of a document."""
    return [diagnostic.code for diagnostic in read(text)[1]]


def accepted(text: str) -> nodes.Document:
    """The tree of a document that must have no diagnostics at all."""
    document, diagnostics = read(text)
    assert [(diagnostic.code, diagnostic.message) for diagnostic in diagnostics] == []
    return document


def tolerated(text: str) -> tuple[nodes.Document, list[str]]:
    """The tree of a document that must have no errors, and the codes of its warnings."""
    document, diagnostics = read(text)
    assert [diagnostic.message for diagnostic in diagnostics if diagnostic.severity is Severity.ERROR] == []
    return document, [diagnostic.code for diagnostic in diagnostics]


def declaration_text(expression: str, version: str = "1.3") -> str:
    """A document whose workflow declares one value."""
    return f"version {version}\nworkflow w {{\n  Int x = {expression}\n}}\n"


def expression(text: str, version: str = "1.3") -> nodes.Expression:
    """The tree of an expression that must have no diagnostics."""
    return value_of(accepted(declaration_text(text, version)))


def value_of(document: nodes.Document) -> nodes.Expression:
    """The expression of the first declaration in the body of the workflow."""
    assert document.workflow is not None
    declaration = document.workflow.body[0]
    assert isinstance(declaration, nodes.Declaration)
    assert declaration.expression is not None
    return declaration.expression


def command_text(body: str, version: str = "1.2") -> nodes.Command:
    """The command of a task with the given `command …`."""
    command = accepted(f"version {version}\ntask t {{\n  input {{ String x }}\n  {body}\n}}\n").tasks[0].command
    assert command is not None
    return command


def parts(template: nodes.String | nodes.Command) -> list[str]:
    """The parts of a template, placeholders of plain names as `<name>`."""
    shown = []
    for part in template.parts:
        if isinstance(part, str):
            shown.append(part)
        else:
            assert isinstance(part.expression, nodes.Name)
            shown.append(f"<{part.expression.name}>")
    return shown


def show(node: nodes.Expression) -> str:
    """An expression as text with every group in round brackets and the kinds of literals visible."""
    match node:
        case nodes.Literal(value=value):
            return repr(value)
        case nodes.Name(name=name):
            return name
        case nodes.String():
            return repr(
                "".join(part if isinstance(part, str) else f"~{{{show(part.expression)}}}" for part in node.parts)
            )
        case nodes.Binary():
            return f"({show(node.left)} {node.operator} {show(node.right)})"
        case nodes.Unary():
            return f"({node.operator}{show(node.operand)})"
        case nodes.Access():
            return f"{show(node.target)}.{node.member.name}"
        case nodes.Index():
            return f"{show(node.target)}[{show(node.index)}]"
        case nodes.Apply():
            return f"{node.function.name}({', '.join(map(show, node.arguments))})"
        case nodes.Conditional():
            return f"(if {show(node.condition)} then {show(node.yes)} else {show(node.no)})"
        case nodes.Array():
            return f"[{', '.join(map(show, node.items))}]"
        case nodes.Pair():
            return f"({show(node.left)}, {show(node.right)})"
        case nodes.Map():
            return "{" + ", ".join(f"{show(entry.key)}: {show(entry.value)}" for entry in node.entries) + "}"
        case nodes.Struct() | nodes.HintsValue():
            name = node.kind if isinstance(node, nodes.HintsValue) else node.name.name if node.name else "object"
            return f"{name}{{{', '.join(f'{m.name.name}: {show(m.value)}' for m in node.members)}}}"
    raise AssertionError(node)
